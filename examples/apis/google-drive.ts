import { bearer, Client, type Paginator } from "chasqui";

interface DriveFile {
  readonly name: string;
  /** Bytes, as text: Google's numbers of 64 bits are. */
  readonly size: string;
}

/** Google's APIs page by `pageToken` and `nextPageToken`, which is found by itself. */
class Drive extends Client {
  constructor(baseUrl: string, token: string) {
    super({ baseUrl, auth: bearer(token) });
  }

  files(): Paginator<DriveFile> {
    return this.paginate("/files", { params: { pageSize: 25, fields: "nextPageToken,files(name,size)" } });
  }
}

await using drive = new Drive(
  process.env.DRIVE_URL ?? "http://127.0.0.1:4010/apis/google/drive/v3",
  process.env.DRIVE_TOKEN ?? "practice-token",
);
let bytes = 0;
let count = 0;
for await (const { size } of drive.files()) {
  bytes += Number(size);
  count++;
}
console.log(`${count} files, ${Math.round(bytes / 1024)} KiB`);
