import { printAs } from "../printing.ts";
import type { Auth } from "./auth.ts";

/** An `Auth` that prints as its scheme's name: what it closes over is not for logs. */
export function sealed(auth: Auth, scheme: string): Auth {
  printAs({ prototype: auth }, () => `Auth(${scheme})`);
  return auth;
}
