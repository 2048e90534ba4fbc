import { theDisk } from "#platform";
import { BodyTooLargeError } from "../errors/body-too-large-error.ts";
import { ChasquiError, tellHint } from "../errors/chasqui-error.ts";
import { DecodeError } from "../errors/decode-error.ts";
import { NetworkError } from "../errors/network-error.ts";
import { OptionsError } from "../errors/options-error.ts";
import type { CallContext } from "../pipeline/call-context.ts";
import type { Handler } from "../pipeline/stage.ts";
import type { Transfer } from "../pipeline/transfer.ts";
import type { Request } from "../request/request.ts";
import { batchOf } from "../response/batched-body.ts";
import { announcedDigest, type Digest } from "../response/digest.ts";
import { nameInUrl, proposedName } from "../response/filename.ts";
import type { Response } from "../response/response.ts";
import { ResumedBody } from "./resumed-body.ts";
import { readSaveOptions, type Saved, type SaveOptions, type SaveSettings } from "./save-options.ts";
import type { Disk, Hash, Partial, PartialNote, Target } from "./target.ts";
import {
  isCoded,
  isRestOf,
  lengthOf,
  placeOf,
  rangeOf,
  rangeRequest,
  uncoded,
  type Version,
  versionOf,
} from "./version.ts";

/**
 * Bytes that are written at a time. A file system takes a megabyte in one go for a third of the CPU that sixteen pieces of
 * 64 KiB cost, and for as little as larger ones.
 */
const BATCH = 1024 * 1024;

/**
 * Reads what `save()` was given. The disk is looked at when the call starts.
 *
 * @throws {OptionsError} when it cannot be meant, or there is no disk here.
 */
export async function openSaving(
  path: string | URL,
  options: SaveOptions | undefined,
  of: "call" | "response",
): Promise<Saving> {
  const settings = readSaveOptions(options);
  if (settings.resume && of === "response") {
    throw new OptionsError("`resume` asks anew, which a response cannot", {
      option: "resume",
      hint: "Save the call: `get(url).save(path, { resume: true })`.",
    });
  }
  const disk = await theDisk();
  return new Saving(disk, disk.pathOf(path), settings);
}

/** One response on its way into a file. */
export class Saving implements Transfer {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #settings: SaveSettings;
  /** A path that ends in a slash: the server says the file's name. */
  readonly #intoFolder: boolean;
  #target: Target | undefined;
  /** The URL that was asked, and what an earlier call left of it. */
  #url: string | undefined;
  #partial: Partial | undefined;
  #version: Version | undefined;
  #now = 0;
  #maxBytes = Number.POSITIVE_INFINITY;
  #named = "";

  #isWhole = false;
  #reading = false;
  #position = 0;
  #writing: Promise<void> | undefined;
  #digests: readonly Digest[] = [];
  #hashes: readonly Hash[] = [];
  #expected: number | undefined;

  constructor(disk: Disk, path: string, settings: SaveSettings) {
    this.#disk = disk;
    this.#path = path;
    this.#settings = settings;
    this.#intoFolder = disk.namesFolder(path);
    if (this.#intoFolder && settings.resume) {
      throw new OptionsError("`resume` needs the name of the file, and a folder was given", {
        option: "resume",
      });
    }
  }

  /** The call's request, or that for the rest of what an earlier call left; and again for the rest where the body breaks. */
  async send(...[request, context, next, rebodied]: Parameters<Transfer["send"]>): Promise<Response> {
    this.#checkRequest(request);
    this.#url = request.url;
    this.#now = context.clock.date();
    this.#maxBytes = context.settings.maxBytes ?? Number.POSITIVE_INFINITY;
    await this.#lookAtPlace();
    const { resume } = this.#settings;
    const asked = resume ? uncoded(request) : request;
    const partial = resume ? await this.#target?.partial(request.url) : undefined;
    const response =
      partial === undefined
        ? await next(asked, context)
        : await this.#sendForRest(asked, context, next, partial);
    this.#version ??= versionOf(response, this.#now);
    const version = this.#version;
    const ranged = request.headers.has("range");
    if (version === undefined || ranged || request.method !== "GET") return response;
    if (context.settings.retry === undefined) return response;
    return rebodied(
      response,
      () =>
        new ResumedBody({
          response,
          request: asked,
          context,
          next,
          version,
          position: this.#partial === undefined ? 0 : startOf(this.#partial),
          restarted: (fresh) => this.#restart(fresh),
        }),
    );
  }

  /**
   * Writes a response's body, and gives the file its name.
   *
   * @param isWhole - Whether the body has been read.
   */
  async finish(response: Response, isWhole: boolean): Promise<Saved> {
    this.#isWhole = isWhole;
    try {
      if (response.status < 200 || response.status > 299) throw response.statusError();
      refuseHead(response.request);
      const target = await this.#targetFor(response);
      try {
        await this.#write(target, response);
        await target.finish();
      } catch (error) {
        await this.#writing?.catch(() => {});
        // Bytes that are wrong are nothing to go on with.
        const kept = await target.abandon(isWrong(error));
        if (this.#settings.resume) this.#tellKept(error, kept);
        throw error;
      }
    } catch (error) {
      await response.close();
      throw error;
    }
    const resumed = this.#partial === undefined ? 0 : startOf(this.#partial);
    return { path: this.#named, bytes: this.#position, resumed, response };
  }

  /** Says in the error of a call whether the next one can go on from what has come, and how. */
  #tellKept(error: unknown, kept: string | undefined): void {
    if (!(error instanceof ChasquiError) || this.#position === 0) return;
    let said: string;
    if (kept !== undefined) {
      said = `What has come is kept in ${JSON.stringify(kept)}: the same save() with \`resume: true\` goes on from there.`;
    } else if (this.#version === undefined && !isWrong(error)) {
      said =
        "Nothing is kept to go on from: that takes a response with a strong ETag or Last-Modified, and without a Content-Encoding.";
    } else return;
    tellHint(error, error.hint === undefined ? said : `${error.hint} ${said}`);
  }

  #checkRequest(request: Request): void {
    refuseHead(request);
    const { method, headers } = request;
    if (!this.#settings.resume) return;
    if (method === "GET" && !headers.has("range")) return;
    throw new OptionsError(
      "`resume` goes on with the whole of a GET, and not with another method or a range",
      {
        option: "resume",
      },
    );
  }

  /** What cannot be written is told before anything is sent. */
  async #lookAtPlace(): Promise<void> {
    if (this.#intoFolder) await this.#disk.checkFolder(this.#path);
    else this.#target ??= await this.#open(this.#path, this.#settings.overwrite ?? true);
  }

  async #open(path: string, overwrite: boolean): Promise<Target> {
    this.#named = path;
    const { resume: keepPartial, mode } = this.#settings;
    return this.#disk.target(path, { keepPartial, overwrite, mode });
  }

  async #targetFor(response: Response): Promise<Target> {
    await this.#lookAtPlace();
    if (this.#target !== undefined) return this.#target;
    const proposed = proposedName(response.headers.get("content-disposition") ?? undefined);
    const name = proposed ?? nameInUrl(response.url) ?? "download";
    // A server does not say which of the caller's files is replaced.
    this.#target = await this.#open(this.#disk.inside(this.#path, name), this.#settings.overwrite ?? false);
    return this.#target;
  }

  async #sendForRest(
    asked: Request,
    context: CallContext,
    next: Handler,
    partial: Partial,
  ): Promise<Response> {
    const start = startOf(partial);
    context.resumedAt = start;
    const response = await next(rangeRequest(asked, partial, start), context);
    if (response.status === 206 && isRestOf(response, partial, start)) {
      this.#partial = partial;
      this.#version = partial;
      return response;
    }
    if (response.status !== 206 && response.status !== 416) return response;
    // Not the rest of what is there: all of it, then.
    await response.close();
    context.resumedAt = 0;
    return next(asked, context);
  }

  async #write(target: Target, response: Response): Promise<void> {
    const partial = response.status === 206 ? this.#partial : undefined;
    if (partial === undefined) await this.#begin(target, response);
    else {
      await target.goOn();
      this.#position = startOf(partial);
      await this.#expect(target, response);
    }
    this.#reading = true;
    const pieces = response.stream()[Symbol.asyncIterator]();
    let written: readonly Uint8Array[] = [];
    let writing: readonly Uint8Array[] = [];
    for (;;) {
      // One batch is written while the next one comes.
      const batch = await batchOf(pieces, BATCH, written);
      await this.#written();
      if (batch === undefined) break;
      written = writing;
      writing = batch;
      const from = this.#position;
      for (const piece of batch) {
        this.#position += piece.length;
        for (const hash of this.#hashes) hash.add(piece);
      }
      // Each response of a file that comes in several counts for itself in the transport.
      if (this.#position > this.#maxBytes) throw new BodyTooLargeError(this.#maxBytes);
      this.#writing = target.write(batch, from);
      // It may fail while the next batch is waited for; that is told when it is here.
      this.#writing.catch(() => {});
    }
    this.#check();
  }

  /** An empty file for a response that has all of it. */
  async #begin(target: Target, response: Response): Promise<void> {
    this.#partial = undefined;
    this.#version = versionOf(response, this.#now);
    await target.begin(this.#noteOf(response));
    this.#position = 0;
    await this.#expect(target, response);
  }

  #noteOf(response: Response): PartialNote | undefined {
    const [version, url] = [this.#version, this.#url];
    if (version === undefined || url === undefined) return undefined;
    return { url, place: placeOf(response), validator: version.validator, total: version.total };
  }

  /** The body broke, and the file is another by now. */
  async #restart(response: Response): Promise<Version | undefined> {
    if (!this.#reading || this.#target === undefined) {
      throw new NetworkError("closed", "The body broke, and the server has other bytes by now");
    }
    // What was being written belongs to the file that is given up.
    await this.#written();
    await this.#begin(this.#target, response);
    return this.#version;
  }

  async #written(): Promise<void> {
    const writing = this.#writing;
    this.#writing = undefined;
    await writing;
  }

  async #expect(target: Target, response: Response): Promise<void> {
    const { digest } = this.#settings;
    const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
    const whole = response.status === 200;
    const knows = !isCoded(response) && (whole || this.#partial !== undefined);
    this.#digests = [digest, knows ? announcedDigest(header, whole) : undefined].filter(
      (one) => one !== undefined,
    );
    this.#hashes = await Promise.all(
      this.#digests.map(({ algorithm }) => target.hash(algorithm, this.#position)),
    );
    // What a middleware or a hook made of it may have other bytes than its headers say.
    if (this.#isWhole) this.#expected = undefined;
    else this.#expected = this.#partial === undefined ? lengthOf(response) : rangeOf(response)?.total;
  }

  #check(): void {
    const expected = this.#expected;
    if (expected !== undefined && expected !== this.#position) {
      throw new NetworkError("closed", `The body ended after ${this.#position} of ${expected} bytes`);
    }
    for (const [index, { algorithm, hex, from }] of this.#digests.entries()) {
      const came = this.#hashes[index]?.hex();
      if (came === hex) continue;
      throw new DecodeError(
        `The file has another ${algorithm} than ${from} says: ${came} instead of ${hex}`,
        {
          hint: "What came is not what was meant to come; no file was made of it.",
        },
      );
    }
  }
}

/** Whether the bytes themselves are at fault. */
function isWrong(error: unknown): boolean {
  return error instanceof DecodeError || error instanceof BodyTooLargeError;
}

function refuseHead({ method }: Request): void {
  if (method !== "HEAD") return;
  throw new OptionsError("A HEAD has no body to be saved", { option: "save", hint: "Use get()." });
}

/** Where to go on: one byte earlier where all are there, since of nothing there is no range. */
function startOf({ bytes, total }: Partial): number {
  return bytes === total ? bytes - 1 : bytes;
}
