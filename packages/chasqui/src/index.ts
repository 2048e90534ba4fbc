/**
 * Chasqui talks to REST APIs: one call, one reusable client, or every page of an API.
 *
 * @module
 */
export type { StandardSchemaV1 } from "@standard-schema/spec";
export type { ApiKeyPlace } from "./auth/api-key.ts";
export { apiKey } from "./auth/api-key.ts";
export type { Auth, AuthNeeds, AuthorizeRequest, Challenge, Credentials } from "./auth/auth.ts";
export type {
  AwsCredentials,
  AwsCredentialsProvider,
  AwsSigV4Options,
  AwsSigV4Scope,
} from "./auth/aws-sig-v4.ts";
export { awsSigV4 } from "./auth/aws-sig-v4.ts";
export { basic } from "./auth/basic.ts";
export type { BearerOptions, ProvidedToken, TokenProvider, TokenRequest } from "./auth/bearer.ts";
export { bearer } from "./auth/bearer.ts";
export type { DigestOptions } from "./auth/digest.ts";
export { digest } from "./auth/digest.ts";
export type { DigestAlgorithm } from "./auth/digest-response.ts";
export { fileTokens } from "./auth/file-tokens.ts";
export type { HmacEncoding, HmacHash, HmacOptions, HmacRequest } from "./auth/hmac.ts";
export { hmac } from "./auth/hmac.ts";
export { netrc } from "./auth/netrc.ts";
export { type OAuth2, oauth2 } from "./auth/oauth2/oauth2.ts";
export type {
  AssertionOptions,
  AuthorizationCodeOptions,
  ClientCredentialsOptions,
  ClientWithKey,
  ClientWithSecret,
  DeviceCodeOptions,
  DevicePrompt,
  DiscoveredServer,
  JwtBearerOptions,
  KnownServer,
  OAuth2CommonOptions,
  OAuth2Options,
  PrivateKey,
  PublicClient,
  RefreshTokenOptions,
  SigningAlgorithm,
  SigningKey,
} from "./auth/oauth2/options.ts";
export type { TokenReason } from "./auth/token-keeper.ts";
export { memoryTokens, type StoredToken, type TokenStore } from "./auth/token-store.ts";
export type { CacheOption, CacheOptions } from "./cache/cache-option.ts";
export type { CacheEntry, CacheKey, CacheStore } from "./cache/cache-store.ts";
export type { CacheLimit, MemoryCache } from "./cache/memory-cache.ts";
export { memoryCache } from "./cache/memory-cache.ts";
export type { CacheMode } from "./cache/reuse.ts";
export type { SqliteCache } from "./cache/sqlite-cache.ts";
export { sqliteCache } from "./cache/sqlite-cache.ts";
export type { Call, Result } from "./call.ts";

export { Client } from "./client.ts";
export type { ClientOptions } from "./client-options.ts";
export type { Clock, Timer } from "./clock.ts";
export type {
  Cookie,
  CookieAttributes,
  CookieFilter,
  CookieJarJson,
  CookieJarOptions,
  CookieJson,
  CookieStore,
} from "./cookies/cookie-jar.ts";
export { CookieJar } from "./cookies/cookie-jar.ts";
export type { Duration } from "./duration.ts";
export { env, loadEnv } from "./env.ts";
export type {
  AuthErrorDetails,
  BodyTooLargeErrorDetails,
  DecodeErrorDetails,
  ErrorDetails,
  NetworkErrorDetails,
  NetworkErrorKind,
  OptionsErrorDetails,
  PaginationErrorDetails,
  PaginationErrorKind,
  Problem,
  RedirectErrorKind,
  RequestSnapshot,
  TimeoutErrorDetails,
  TimeoutPhase,
  TooLarge,
  ValidationErrorDetails,
  WalkRead,
} from "./errors/index.ts";
export {
  AbortError,
  AuthError,
  BodyTooLargeError,
  CallerError,
  ChasquiError,
  CircuitOpenError,
  ConsumedBodyError,
  DecodeError,
  EmptyBodyError,
  HttpError,
  NetworkError,
  OptionsError,
  PaginationError,
  RedirectError,
  TimeoutError,
  ValidationError,
} from "./errors/index.ts";
export type { EventsOptions, ReconnectOptions } from "./events-options.ts";
export { fileFrom } from "./file.ts";
export type {
  ClientErrorEvent,
  HookList,
  Hooks,
  RequestHook,
  ResponseHook,
  RetryEvent,
  ServerErrorEvent,
} from "./hooks.ts";
export type { CircuitOption, CircuitOptions } from "./load/circuit-options.ts";
export type { HedgeOption, HedgeOptions } from "./load/hedge-options.ts";
export type { Logger, LogLevel, LogOptions } from "./log.ts";
export type { Checkpoint } from "./paginate/checkpoint.ts";
export type { Confidence, Explanation } from "./paginate/explanation.ts";
export type {
  ByConnection,
  ByCursor,
  ByHeader,
  ByLastId,
  ByNext,
  ByOffset,
  ByPage,
  ByRange,
  InBody,
  MapRows,
  NextPage,
  Page,
  PageSpec,
  PageStyleName,
  PageStyleOption,
  PageTold,
  PaginateOptions,
  RowsOption,
  TableRows,
} from "./paginate/options.ts";
export type { Paginator, WalkSpec } from "./paginate/paginator.ts";
export type { PageChanges, PageRequest } from "./paginate/style.ts";
export type { Progress, ProgressListener } from "./pipeline/progress.ts";
export type { RedirectOption, RedirectOptions, RedirectPolicy } from "./pipeline/redirect-rules.ts";
export type { FailureKind, RetryLimits } from "./pipeline/retry-limits.ts";
export type {
  BackoffOptions,
  FailedAttempt,
  Jitter,
  RetriedPhase,
  RetryBudgetOptions,
  RetryInfo,
  RetryOption,
  RetryOptions,
} from "./pipeline/retry-policy.ts";
export type { Middleware, Next } from "./pipeline/stage.ts";
export type { Body, BodyInit } from "./request/body.ts";
export type {
  ConnectionInit,
  ConnectionLimits,
  Lookup,
  TlsMaterial,
  TlsOptions,
  TlsVersion,
} from "./request/connection-init.ts";
export type { FormInit } from "./request/form.ts";
export type { HeadersInit, HeaderValue } from "./request/headers.ts";
export { Headers } from "./request/headers.ts";
export type { IdempotencyKeyOption } from "./request/idempotency-key.ts";
export type { MultipartInit, MultipartPart, MultipartTuple, MultipartValue } from "./request/multipart.ts";
export type { ObjectShape } from "./request/object-shape.ts";
export type { AuthOption, RaiseOption, RequestOptions, SharedOptions } from "./request/options.ts";
export type {
  ArrayStyle,
  ObjectStyle,
  ParamScalar,
  ParamsInit,
  ParamsStyle,
  ParamValue,
} from "./request/params.ts";
export type { PathValue, PathValues } from "./request/path.ts";
export type { ProxyMap, ProxyOption, ProxyOptions } from "./request/proxy-init.ts";
export { redactHeaders, redactUrl } from "./request/redact.ts";
export type { Request, RequestChanges } from "./request/request.ts";
export type { TimeoutOption, TimeoutPhases } from "./request/timeouts.ts";
export type { StreamOptions } from "./response/equal-pieces.ts";
export type { ServerSentEvent } from "./response/events.ts";
export type { Link, Links } from "./response/links.ts";
export type { Response } from "./response/response.ts";
export type { CacheVerdict, ResponseChanges } from "./response/response-parts.ts";
export type { Saved, SaveOptions } from "./save/save-options.ts";
export { isSecret, Secret, secret } from "./secret.ts";
export type { Telemetry, TelemetryEnd, TelemetrySpan, TelemetryStart } from "./telemetry.ts";
export type { ThrottlePriority } from "./throttle/fair-queue.ts";
export { MemoryThrottleStore } from "./throttle/memory-store.ts";
export type { RateLimit, RateLimitUnit } from "./throttle/rate-limit.ts";
export type {
  ThrottleAsk,
  ThrottleLimits,
  ThrottleRate,
  ThrottleReport,
  ThrottleStore,
  ThrottleTurn,
} from "./throttle/store.ts";
export type {
  CallThrottleOption,
  Rate,
  ThrottleOption,
  ThrottleOptions,
} from "./throttle/throttle-options.ts";
export type { StepKind, TracedCall, TracedExchange, TracedStep, TraceEvent } from "./trace/events.ts";
export type { Har, HarEntry, HarPair } from "./trace/har.ts";
export { har } from "./trace/har.ts";
export type { ExchangePhases } from "./trace/phases.ts";
export type { ConnectionTiming, ExchangeTiming } from "./trace/timing.ts";
export type { Trace } from "./trace/trace.ts";
export type { ConnectionOptions, ConnectionSettings } from "./transport/connection-options.ts";
export type { MemoryHandler } from "./transport/memory.ts";
export { memory } from "./transport/memory.ts";
export type { Mounts } from "./transport/mounted.ts";
export type { Proxies } from "./transport/proxy/proxies.ts";
export type {
  BodyMode,
  BodyPlan,
  Delegated,
  Exchange,
  ExchangeProgress,
  ExchangeTimeouts,
  Head,
  RawResponse,
  Transport,
} from "./transport/transport.ts";
export { del, del as delete, get, head, options, patch, post, put, request } from "./verbs.ts";
