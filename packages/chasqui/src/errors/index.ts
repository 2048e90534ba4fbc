/**
 * The family of errors.
 *
 *     ChasquiError            code, request (redacted), attempts, elapsed, hint, cause
 *     ├─ OptionsError         a bad option; nothing was sent
 *     ├─ NetworkError         below HTTP: dns, refused, reset, unreachable, tls, proxy, closed, protocol
 *     ├─ TimeoutError         connect, queue, headers, idle, attempt, total, signal
 *     ├─ AbortError           the caller's signal
 *     ├─ CircuitOpenError     the origin is left alone for a while
 *     ├─ HttpError            a status from 400 to 599
 *     ├─ RedirectError        a redirect that may not or cannot be followed
 *     ├─ AuthError            credentials could not be had
 *     ├─ DecodeError          a body that is not what it says
 *     ├─ EmptyBodyError       JSON asked of nothing
 *     ├─ ValidationError      data that is not what the schema says
 *     ├─ BodyTooLargeError    over maxBytes or maxRecord, or more than there is memory for
 *     ├─ ConsumedBodyError    a body that was read before
 *     ├─ PaginationError      pages that do not end, or repeat
 *     └─ CallerError          a hook, middleware or body stream of the caller's threw
 */
export { AbortError } from "./abort-error.ts";
export { AuthError, type AuthErrorDetails } from "./auth-error.ts";
export { BodyTooLargeError, type BodyTooLargeErrorDetails, type TooLarge } from "./body-too-large-error.ts";
export { CallerError } from "./caller-error.ts";
export { ChasquiError, type ErrorDetails, type RequestSnapshot, type WalkRead } from "./chasqui-error.ts";
export { CircuitOpenError } from "./circuit-open-error.ts";
export { ConsumedBodyError } from "./consumed-body-error.ts";
export { DecodeError, type DecodeErrorDetails } from "./decode-error.ts";
export { EmptyBodyError } from "./empty-body-error.ts";
export { HttpError, type Problem } from "./http-error.ts";
export { NetworkError, type NetworkErrorDetails, type NetworkErrorKind } from "./network-error.ts";
export { OptionsError, type OptionsErrorDetails } from "./options-error.ts";
export {
  PaginationError,
  type PaginationErrorDetails,
  type PaginationErrorKind,
} from "./pagination-error.ts";
export { RedirectError, type RedirectErrorKind } from "./redirect-error.ts";
export { TimeoutError, type TimeoutErrorDetails, type TimeoutPhase } from "./timeout-error.ts";
export { ValidationError, type ValidationErrorDetails } from "./validation-error.ts";
