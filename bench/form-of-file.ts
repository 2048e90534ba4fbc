import { openAsBlob } from "node:fs";
import { basename } from "node:path";

/** The form of S9 as Fetch has it: the file stays on the disk until it is sent. */
export async function formOf(path: string): Promise<FormData> {
  const form = new FormData();
  form.set("note", "hi");
  form.set("file", await openAsBlob(path), basename(path));
  return form;
}
