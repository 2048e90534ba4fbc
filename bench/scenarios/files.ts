/** S5 and S9: large files in either direction, where bytes must flow and not pile up. */
import { randomUUID } from "node:crypto";
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type BenchClient, needed, type Place, REFERENCE, type Scenario } from "../scenario.ts";

const MEBIBYTE = 1024 * 1024;

async function download(client: BenchClient, { origin, folder }: Place, units: number): Promise<void> {
  const path = join(folder, `download-${randomUUID()}`);
  await needed(client, "download")(`${origin}/mebibytes/${units}`, path);
  const { size } = await stat(path);
  if (size !== units * MEBIBYTE) throw new Error("the file is not whole");
  await rm(path);
}

export const S5: Scenario = {
  name: "S5",
  title: "1 GB streamed to a file",
  unit: "MiB",
  units: 1024,
  rounds: 7,
  warmUp: 1,
  clients: [
    REFERENCE,
    "undici.dispatch",
    "chasqui",
    "chasqui-save",
    "native-fetch",
    "got",
    "ky",
    "axios",
    "ofetch",
    "wretch",
    "node-fetch",
    "superagent",
    "needle",
    "octokit-request",
    "python-requests",
  ],
  by: "cpu",
  targets: [
    { client: "chasqui", over: REFERENCE, atLeast: 1.1 },
    { client: "chasqui-save", over: REFERENCE, atLeast: 1.1 },
  ],
  memory: true,
  work: download,
};

function uploaded({ folder }: Place, units: number): string {
  return join(folder, `upload-${units}.bin`);
}

async function makeFile(place: Place, units: number): Promise<void> {
  await using file = await open(uploaded(place, units), "w");
  const piece = Buffer.alloc(MEBIBYTE, 0x61);
  for (let i = 0; i < units; i++) await file.writeFile(piece);
}

async function upload(client: BenchClient, place: Place, units: number): Promise<void> {
  const answer = await needed(client, "upload")(place.uploads, uploaded(place, units));
  if (typeof answer !== "object" || answer === null) throw new Error("no answer came back");
  const bytes: unknown = Reflect.get(answer, "bytes");
  const type: unknown = Reflect.get(answer, "type");
  const whole = typeof bytes === "number" && bytes > units * MEBIBYTE;
  if (!whole || !String(type).startsWith("multipart/form-data; boundary=")) {
    throw new Error("the form did not arrive");
  }
}

export const S9: Scenario = {
  name: "S9",
  title: "a multipart upload of 200 MB",
  unit: "MiB",
  units: 200,
  rounds: 11,
  warmUp: 2,
  // Not octokit-request, which says of every body that it is JSON.
  clients: [
    REFERENCE,
    "undici.dispatch",
    "chasqui",
    "native-fetch",
    "got",
    "ky",
    "axios",
    "ofetch",
    "wretch",
    "node-fetch",
    "superagent",
    "needle",
    "python-requests",
  ],
  by: "cpu",
  targets: [
    { client: "chasqui", over: REFERENCE, atLeast: 1 },
    { client: "chasqui", peakBelow: 150 },
  ],
  memory: true,
  prepare: makeFile,
  work: upload,
};
