import { del, post } from "chasqui";

/** What /echo tells of the request that it got. */
interface Echo {
  headers: Record<string, string>;
  form: Record<string, string>;
  files: { name: string; size: number }[];
}

const BASE = process.env.BASE_URL ?? "http://127.0.0.1:4010";

// A form, as a web page sends it.
const form = await post(`${BASE}/echo`, { form: { user: "ana", remember: "yes" } }).json<Echo>();
console.log(form.headers["content-type"], form.form);

// A file travels as multipart. fileFrom("photo.png") takes one from the disk, without reading all of it into memory.
const photo = new File([new Uint8Array(2048)], "photo.png", { type: "image/png" });
const upload = await post(`${BASE}/echo`, { multipart: { album: "Cusco", photo } }).json<Echo>();
console.log(upload.headers["content-type"]?.split(";")[0], upload.form);
for (const { name, size } of upload.files) console.log(`${name}: ${size} bytes`);

// A server that has nothing to say answers 204: there is no body, and no JSON to ask for.
const gone = await del(`${BASE}/posts/1`, { headers: { prefer: "return=minimal" } });
console.log(`DELETE status: ${gone.status}, body: ${JSON.stringify(await gone.text())}`);
