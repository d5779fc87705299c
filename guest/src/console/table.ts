// https://console.spec.whatwg.org/#table
import { getOwnPropertyDescriptor, isArray, ownKeys, SafeMap, stringPadEnd, stringRepeat } from "../core/primordials.ts";
import { native } from "../core/bridge.ts";
import { append, List } from "../core/list.ts";
import { inspect } from "./inspect.ts";

const maximumRows = 1000;
const maximumColumns = 100;

/** Rows and columns drawn with lines, or undefined when the data is no table. */
export function table(data: unknown, columns: unknown): string | undefined {
  if (typeof data !== "object" || data === null || native.proxyDetails(data) !== undefined) {
    return undefined;
  }
  const only = isArray(columns) ? new SafeMap<string, true>() : undefined;
  if (only !== undefined) {
    for (let i = 0; i < (columns as unknown[]).length && i < maximumColumns; i++) {
      only.set(`${(columns as unknown[])[i] as string}`, true);
    }
  }
  const headings = new List<string>();
  append(headings, "(index)");
  const positions = new SafeMap<string, number>();
  only?.forEach((_, name) => addColumn(headings, positions, name));
  const rows = new List<List<string>>();
  let hasValues = false;
  const keys = ownKeys(data);
  for (let i = 0; i < keys.length && rows.length < maximumRows; i++) {
    const key = keys[i];
    const descriptor = getOwnPropertyDescriptor(data, key);
    if (typeof key === "symbol" || descriptor === undefined || !descriptor.enumerable) {
      continue;
    }
    const row = new List<string>();
    append(row, key);
    const value: unknown = descriptor.value;
    if (typeof value === "object" && value !== null && native.proxyDetails(value) === undefined) {
      const names = ownKeys(value);
      for (let j = 0; j < names.length; j++) {
        const name = names[j];
        const cell = getOwnPropertyDescriptor(value, name);
        if (typeof name === "symbol" || cell === undefined || !cell.enumerable || (only !== undefined && !only.has(name))) {
          continue;
        }
        const position = addColumn(headings, positions, name);
        if (position !== undefined) row[position] = cell.get === undefined ? inspect(cell.value, { depth: 0 }) : "[Getter]";
      }
    } else {
      hasValues = true;
      row[maximumColumns + 1] = inspect(value, { depth: 0 });
    }
    append(rows, row);
  }
  if (hasValues) {
    const last = headings.length;
    append(headings, "Values");
    for (let i = 0; i < rows.length; i++) {
      const value = rows[i][maximumColumns + 1];
      rows[i].length = last;
      if (value !== undefined) rows[i][last] = value;
    }
  }
  return draw(headings, rows);
}

function addColumn(headings: List<string>, positions: SafeMap<string, number>, name: string): number | undefined {
  const known = positions.get(name);
  if (known !== undefined || headings.length > maximumColumns) {
    return known;
  }
  const position = headings.length;
  append(headings, name);
  positions.set(name, position);
  return position;
}

function draw(headings: List<string>, rows: List<List<string>>): string {
  const widths = new List<number>();
  for (let column = 0; column < headings.length; column++) {
    let width = headings[column].length;
    for (let i = 0; i < rows.length; i++) {
      const cell = rows[i][column];
      if (cell !== undefined && cell.length > width) width = cell.length;
    }
    append(widths, width + 2);
  }
  const rule = (left: string, middle: string, right: string): string => {
    let text = left;
    for (let i = 0; i < widths.length; i++) text += `${i === 0 ? "" : middle}${stringRepeat("─", widths[i])}`;
    return text + right;
  };
  const line = (cells: List<string>): string => {
    let text = "│";
    for (let i = 0; i < widths.length; i++) text += `${stringPadEnd(` ${cells[i] ?? ""}`, widths[i])}│`;
    return text;
  };
  let text = `${rule("┌", "┬", "┐")}\n${line(headings)}\n${rule("├", "┼", "┤")}\n`;
  for (let i = 0; i < rows.length; i++) {
    text += `${line(rows[i])}\n`;
  }
  return text + rule("└", "┴", "┘");
}
