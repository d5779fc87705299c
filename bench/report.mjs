// Medians, ratios, the table for people and the document for programs.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of every metric over rounds [{metric: value}]. */
export function medians(rounds) {
  return Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]));
}

/** {machine, versions, rows: [{name, ours, peers, ratio}]}; ratio is ours divided by the peer's. */
export function toDocument(machine, versions, results) {
  return { machine, versions, rows: results.map(({ row, cells }) => toRow(row, cells)) };
}

function toRow(row, cells) {
  const { ours, ...others } = cells;
  const document = { name: row.name };
  if (ours) document.ours = rounded(ours);
  document.peers = Object.fromEntries(Object.entries(others).map(([key, cell]) => [key, rounded(cell)]));
  if (ours) {
    document.ratio = Object.fromEntries(Object.entries(others).map(([key, cell]) => [key, rounded(ratios(ours, cell))]));
  }
  return document;
}

function ratios(ours, peer) {
  const entries = Object.keys(ours)
    .filter((key) => typeof ours[key] === "number" && peer[key] > 0)
    .map((key) => [key, ours[key] / peer[key]]);
  return Object.fromEntries(entries);
}

function rounded(cell) {
  return Object.fromEntries(
    Object.entries(cell).map(([key, value]) => [key, typeof value === "number" ? Number(value.toPrecision(5)) : value]),
  );
}

/** One line per row and metric: the values of the servers and of the rows' own peers, then ours divided by each peer's, with * where ours is behind. */
export function printTable(results, servers) {
  const columns = [...servers];
  for (const { cells } of results) {
    for (const key of Object.keys(cells)) {
      if (!columns.some((column) => column.key === key)) columns.push({ key });
    }
  }
  const peers = columns.filter((column) => column.key !== "ours");
  const withOurs = peers.length < columns.length;
  const head = ["row", "metric", ...columns.map((column) => column.key)];
  if (withOurs) head.push(...peers.map((peer) => `ours/${peer.key}`));
  const lines = [head];
  for (const { row, cells } of results) {
    for (const [index, metric] of row.metrics.entries()) {
      const line = [index === 0 ? row.name : "", metric.key];
      for (const column of columns) line.push(value(cells[column.key], metric.key));
      if (withOurs) for (const peer of peers) line.push(ratio(cells.ours, cells[peer.key], metric));
      lines.push(line);
    }
  }
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  for (const [index, line] of lines.entries()) {
    console.log(line.map((text, column) => (column < 2 ? text.padEnd(widths[column]) : text.padStart(widths[column]))).join("  ").trimEnd());
    if (index === 0) console.log(widths.map((width) => "-".repeat(width)).join("  "));
  }
}

function value(cell, key) {
  if (!cell) return "";
  if (cell.error) return "failed";
  const number = cell[key];
  if (number === undefined) return "";
  return number >= 1000 ? Math.round(number).toString() : number >= 10 ? number.toFixed(1) : number.toFixed(3);
}

function ratio(ours, peer, metric) {
  const quotient = ours?.[metric.key] / peer?.[metric.key];
  if (!Number.isFinite(quotient)) return "";
  const behind = metric.better === "higher" ? quotient < 1 : quotient > 1;
  return quotient.toFixed(2) + (behind ? "*" : " ");
}
