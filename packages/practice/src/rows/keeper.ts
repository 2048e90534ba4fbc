import type { Row } from "./row.ts";

/** Where written rows outlive the request. A row is an object, null once it was deleted, undefined to forget it. */
export interface Keeper {
  load(resource: string): Map<string, Row | null>;
  save(resource: string, id: string, row: Row | null | undefined): void;
  close(): void;
}

/** Keeps rows for the life of the server: the collections hold them already. */
export const memoryKeeper: Keeper = {
  load: () => new Map(),
  save: () => undefined,
  close: () => undefined,
};
