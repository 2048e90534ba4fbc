import { readEnvironment, readEnvironmentFile } from "#platform";
import { OptionsError } from "./errors/options-error.ts";
import { kindOf } from "./request/kind-of.ts";
import { wrongValue } from "./request/wrong-option.ts";
import { Secret } from "./secret.ts";

/**
 * A secret from the environment. It prints as `***`.
 *
 * @throws {OptionsError} when the variable is not set or is empty; the message names it.
 *
 * @example
 * ```ts
 * import { apiKey, env, get } from "chasqui";
 * process.env.API_TOKEN ??= "practice-key";
 * await get("http://localhost:4010/auth/key", { auth: apiKey(env("API_TOKEN")) });
 * ```
 */
export function env(name: string): Secret {
  if (typeof name !== "string") throw wrongValue("env", name, "the name of a variable");
  // `process.env` inherits from Object.prototype: `toString` is no variable.
  const value: unknown = readEnvironment(name);
  if (typeof value !== "string" || value === "") {
    const state = value === "" ? "empty" : "not set";
    throw new OptionsError(`The environment variable ${name} is ${state}`, {
      option: "env",
      hint: `Set it in the shell (export ${name}=…), or write it into a .env file and call loadEnv() first.`,
    });
  }
  return new Secret(value);
}

/**
 * Reads a `.env` file into the environment, by Node's own loader. Variables that are set already keep their value.
 *
 * @param path default `.env` in the working directory
 * @throws {OptionsError} when the file cannot be read, or outside Node.
 */
export function loadEnv(path = ".env"): void {
  try {
    readEnvironmentFile(path);
  } catch (cause) {
    if (cause instanceof OptionsError) throw cause;
    const shown = typeof path === "string" ? JSON.stringify(path) : kindOf(path);
    throw new OptionsError(`The environment file ${shown} cannot be read`, {
      option: "loadEnv",
      cause,
    });
  }
}
