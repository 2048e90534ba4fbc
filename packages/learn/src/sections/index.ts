import type { Section } from "../section.ts";
import { authentication } from "./authentication.ts";
import { errors } from "./errors.ts";
import { get } from "./get.ts";
import { methods } from "./methods.ts";
import { pagination } from "./pagination.ts";
import { reusableClient } from "./reusable-client.ts";
import { sessions } from "./sessions.ts";
import { summary } from "./summary.ts";
import { whatAnApiIs } from "./what-an-api-is.ts";
import { write } from "./write.ts";

/** The lesson, section by section: what is read, and which programs are run. */
export const sections: readonly Section[] = [
  whatAnApiIs,
  methods,
  get,
  write,
  errors,
  authentication,
  sessions,
  pagination,
  reusableClient,
  summary,
];
