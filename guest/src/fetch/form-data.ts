// https://xhr.spec.whatwg.org/#interface-formdata
import { append, List, toArray } from "../core/list.ts";
import { iterable } from "../core/pair-iterator.ts";
import { expose, illegalInvocation, requireArguments, toUSVString } from "../core/webidl.ts";
import { blobInner, isFile, newFile, renamedFile, type File } from "../files/blob.ts";

export type FormDataEntry = [name: string, value: string | File];

export let formDataEntries: (value: unknown) => List<FormDataEntry> | undefined;
export let wrapFormData: (entries: List<FormDataEntry>) => FormData;
const token = {};

export class FormData {
  #entries: List<FormDataEntry>;

  constructor(form: unknown = undefined, entries?: List<FormDataEntry>) {
    if (form === token) {
      this.#entries = entries!;
      return;
    }
    if (form !== undefined) {
      throw new TypeError("Failed to construct 'FormData': parameter 1 must not be specified.");
    }
    this.#entries = new List();
  }

  static #of(data: unknown): List<FormDataEntry> {
    const entries = formDataEntries(data);
    if (entries === undefined) throw illegalInvocation();
    return entries;
  }

  append(name: unknown, value: unknown, filename: unknown = undefined): void {
    const entries = FormData.#of(this);
    requireArguments(arguments.length, 2, "'append' on 'FormData'");
    append(entries, toEntry(name, value, filename, arguments.length > 2));
  }

  delete(name: unknown): void {
    FormData.#of(this);
    requireArguments(arguments.length, 1, "'delete' on 'FormData'");
    this.#without(toUSVString(name));
  }

  #without(name: string): void {
    let kept = 0;
    for (let i = 0; i < this.#entries.length; i++) {
      if (this.#entries[i][0] !== name) this.#entries[kept++] = this.#entries[i];
    }
    this.#entries.length = kept;
  }

  get(name: unknown): string | File | null {
    const entries = FormData.#of(this);
    requireArguments(arguments.length, 1, "'get' on 'FormData'");
    const key = toUSVString(name);
    for (let i = 0; i < entries.length; i++) {
      if (entries[i][0] === key) return entries[i][1];
    }
    return null;
  }

  getAll(name: unknown): (string | File)[] {
    const entries = FormData.#of(this);
    requireArguments(arguments.length, 1, "'getAll' on 'FormData'");
    const key = toUSVString(name);
    const found = new List<string | File>();
    for (let i = 0; i < entries.length; i++) {
      if (entries[i][0] === key) append(found, entries[i][1]);
    }
    return toArray(found);
  }

  has(name: unknown): boolean {
    const entries = FormData.#of(this);
    requireArguments(arguments.length, 1, "'has' on 'FormData'");
    const key = toUSVString(name);
    for (let i = 0; i < entries.length; i++) {
      if (entries[i][0] === key) return true;
    }
    return false;
  }

  set(name: unknown, value: unknown, filename: unknown = undefined): void {
    const entries = FormData.#of(this);
    requireArguments(arguments.length, 2, "'set' on 'FormData'");
    const entry = toEntry(name, value, filename, arguments.length > 2);
    for (let i = 0; i < entries.length; i++) {
      if (entries[i][0] === entry[0]) {
        entries[i] = entry;
        let kept = i + 1;
        for (let j = i + 1; j < entries.length; j++) {
          if (entries[j][0] !== entry[0]) entries[kept++] = entries[j];
        }
        entries.length = kept;
        return;
      }
    }
    append(entries, entry);
  }

  static {
    formDataEntries = (value) => (typeof value === "object" && value !== null && #entries in value ? value.#entries : undefined);
    wrapFormData = (entries) => new FormData(token, entries);
  }
}

/** https://html.spec.whatwg.org/#create-an-entry */
function toEntry(name: unknown, value: unknown, filename: unknown, hasFilename: boolean): FormDataEntry {
  const key = toUSVString(name);
  const blob = blobInner(value);
  if (blob === undefined) {
    if (hasFilename) {
      throw new TypeError("FormData: parameter 2 is not of type 'Blob'.");
    }
    return [key, toUSVString(value)];
  }
  if (isFile(value)) {
    return [key, hasFilename ? renamedFile(value, toUSVString(filename)) : value];
  }
  return [key, newFile(blob, hasFilename ? toUSVString(filename) : "blob")];
}

iterable(FormData, "FormData", (self) => {
  const entries = formDataEntries(self);
  if (entries === undefined) throw illegalInvocation();
  return () => entries;
});

export function installFormData(): void {
  expose(FormData, "FormData");
}
