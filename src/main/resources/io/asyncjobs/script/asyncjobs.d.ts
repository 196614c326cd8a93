// What a data script of the Async Job Manager can use beside the language itself. A script is the body of an async function:
// await and return work at its top level. Served at /api/v1/scripts/asyncjobs.d.ts; explained in docs/scripts.md.

/** A value that JSON can hold. */
type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** The job's parameters, frozen all the way down. */
declare const params: any;

/** The job this run belongs to. */
declare const job: {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  /** What md5sum prints for the script. */
  readonly md5: string;
};

/** This run. */
declare const run: {
  readonly id: string;
  /** The tick it runs for, or when it was asked for; ISO 8601 in UTC. */
  readonly scheduledFor: string;
  readonly trigger: 'timer' | 'manual' | 'trial';
};

/** The associated user, whom changes are attributed to; null where the job names none. */
declare const user: { readonly username: string; readonly displayName: string } | null;

interface Log {
  /** One entry of the run's log; data is kept beside the text, as JSON: one value as it is, several as a list. */
  (message: unknown, ...data: unknown[]): void;
}

/** The run's log. */
declare const log: { readonly debug: Log; readonly info: Log; readonly warn: Log; readonly error: Log };

/** Writes to the run's log too. */
declare const console: {
  debug(...values: unknown[]): void;
  trace(...values: unknown[]): void;
  log(...values: unknown[]): void;
  info(...values: unknown[]): void;
  warn(...values: unknown[]): void;
  error(...values: unknown[]): void;
  table(data: unknown, columns?: string[]): void;
  dir(value: unknown): void;
  /** Writes an error where the condition does not hold; the script goes on. */
  assert(condition: unknown, ...values: unknown[]): void;
  time(label?: string): void;
  timeLog(label?: string, ...values: unknown[]): void;
  timeEnd(label?: string): void;
  count(label?: string): void;
  countReset(label?: string): void;
  group(...values: unknown[]): void;
  groupCollapsed(...values: unknown[]): void;
  groupEnd(): void;
};

/** JSON values that the job keeps from run to run. Changes last only if the run succeeds. */
declare const state: {
  /** The value, or null where there is none. */
  get(key: string): Promise<any>;
  /** Throws where JSON cannot hold the value, and names the path. */
  set(key: string, value: unknown): Promise<null>;
  /** Whether there was one. */
  delete(key: string): Promise<boolean>;
  keys(): Promise<string[]>;
  /** Stores the changes made so far, whatever becomes of the run. */
  commit(): Promise<null>;
};

interface HttpOptions {
  /** Headers of this call; those that the connection sets itself are refused. */
  headers?: Record<string, string>;
  /** Milliseconds in which the call must be over. */
  timeout?: number;
}

interface HttpBodyOptions extends HttpOptions {
  /** Sends the body compressed. */
  gzip?: boolean;
}

type FormValue = string | number | boolean;

interface HttpPart {
  name: string;
  value: string | ArrayBuffer | ArrayBufferView;
  filename?: string;
  /** The media type. */
  type?: string;
}

/** What http.form or http.multipart made. */
interface HttpBody {
  readonly __httpBody: never;
}

interface HttpAnswer {
  readonly status: number;
  /** Whether the status is 200 to 299. */
  readonly ok: boolean;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the body is not known to be text. */
  readonly base64: boolean;
  /**
   * The text without a byte order mark; Base64 where media type and charset do not say that this is text. Throws where it should
   * be text and its charset is not known. With a charset: the bytes read in that one.
   */
  text(charset?: string): string;
  /** Throws a SyntaxError where the body is no JSON, and a TypeError for an integer that a number cannot hold. */
  json(options?: BigNumbers): any;
  /** The bytes that came. */
  bytes(): Uint8Array;
}

interface BigNumbers {
  /** Numbers of JSON that a JavaScript number cannot hold come as text, instead of an error. */
  bigNumbers?: 'text';
}

/** Errors of http and sql say what happened in a word, see docs/scripts.md. */
interface CallError extends Error {
  readonly code: string;
  /** What PostgreSQL calls it. */
  readonly sqlState?: string;
  readonly constraint?: string;
  readonly table?: string;
  readonly column?: string;
  /** The row of a batch, from 1. */
  readonly row?: number;
  readonly status?: number;
}

/**
 * Calls over a named connection. The path follows the connection's base URL. A string is sent as text, a typed array or buffer as
 * its bytes, any other body as JSON. A
 * status of 400 and more is an answer like any other; no answer at all is an Error.
 */
declare const http: {
  get(connection: string, path: string, options?: HttpOptions): Promise<HttpAnswer>;
  get(connection: string, path: string, body: undefined | null, options?: HttpOptions): Promise<HttpAnswer>;
  head(connection: string, path: string, options?: HttpOptions): Promise<HttpAnswer>;
  /** With `read: true` a trial carries it out. */
  post(connection: string, path: string, body?: unknown, options?: HttpBodyOptions & { read?: boolean }): Promise<HttpAnswer>;
  put(connection: string, path: string, body?: unknown, options?: HttpBodyOptions): Promise<HttpAnswer>;
  patch(connection: string, path: string, body?: unknown, options?: HttpBodyOptions): Promise<HttpAnswer>;
  delete(connection: string, path: string, body?: unknown, options?: HttpBodyOptions): Promise<HttpAnswer>;
  /** A body of form fields; an array sends a field several times. */
  form(fields: { [name: string]: FormValue | FormValue[] }): HttpBody;
  /** A body of parts: multipart/form-data. */
  multipart(parts: HttpPart[]): HttpBody;
};

/**
 * Statements over a named PostgreSQL connection, with $1, $2 … for the parameters. All of one run are one transaction, which is
 * committed when the run succeeds and rolled back otherwise. A statement that fails undoes itself alone.
 */
declare const sql: {
  /** Reads; one object for each row. */
  query(connection: string, text: string, params?: unknown[], options?: BigNumbers): Promise<any[]>;
  /**
   * Reads row by row, for results of any size: `for await (const row of sql.query('db', 'select …', [], { stream: true }))`. The
   * rows end with the transaction, so with `sql.commit`.
   */
  query(connection: string, text: string, params: unknown[] | undefined | null, options: BigNumbers & { stream: true }): AsyncGenerator<any, void, void>;
  execute(connection: string, text: string, params?: unknown[], options?: BigNumbers): Promise<{ rows: any[]; rowCount: number; changed: number }>;
  /** One INSERT, UPDATE, DELETE or MERGE for many rows, in one exchange with the database. */
  batch(connection: string, text: string, rows: unknown[][]): Promise<{ changed: number }>;
  /** Makes last what was done so far, whatever becomes of the run. */
  commit(connection: string): Promise<null>;
};

interface AuditEvent {
  /** What was done, like 'close'. */
  action: string;
  /** To what kind of thing, like 'query'. */
  entityType: string;
  entityId: string | number;
  entityName?: string;
  before?: unknown;
  after?: unknown;
  reason?: string;
}

/** Events attributed to the associated user. */
declare const audit: { record(event: AuditEvent): Promise<null> };

/** Waits, holding nothing. */
declare function sleep(milliseconds: number): Promise<void>;

// ---- Web standards ----

type Bytes = ArrayBufferView | ArrayBuffer;

interface URL {
  href: string;
  readonly origin: string;
  protocol: string;
  username: string;
  password: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  readonly searchParams: URLSearchParams;
  toString(): string;
  toJSON(): string;
}

/** An address and its parts. */
declare const URL: {
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  parse(url: string | URL, base?: string | URL): URL | null;
};

interface URLSearchParams extends Iterable<[string, string]> {
  readonly size: number;
  append(name: string, value: string): void;
  delete(name: string, value?: string): void;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string, value?: string): boolean;
  set(name: string, value: string): void;
  sort(): void;
  forEach(callback: (value: string, name: string, params: URLSearchParams) => void): void;
  entries(): Iterator<[string, string]> & Iterable<[string, string]>;
  keys(): Iterator<string> & Iterable<string>;
  values(): Iterator<string> & Iterable<string>;
  toString(): string;
}

/** The parameters of a query or a form. */
declare const URLSearchParams: { new (init?: string | Record<string, string> | Iterable<[string, string]>): URLSearchParams };

interface TextEncoder {
  readonly encoding: 'utf-8';
  encode(text?: string): Uint8Array<ArrayBuffer>;
  encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

/** Text as the bytes of UTF-8; charset.encode knows other charsets. */
declare const TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  readonly encoding: string;
  readonly fatal: boolean;
  readonly ignoreBOM: boolean;
  decode(bytes?: Bytes, options?: { stream?: boolean }): string;
}

/** Bytes as text, in any charset. */
declare const TextDecoder: { new (charset?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };

/** Text in any charset, exactly: what a charset does not have is an error. UTF-8 unless it is named. */
declare const charset: {
  encode(text: string, charset?: string): Uint8Array<ArrayBuffer>;
  decode(bytes: Bytes, charset?: string): string;
};

/** The text of Base64 whose characters are bytes. */
declare function atob(base64: string): string;
/** Base64 of a text whose characters are bytes. */
declare function btoa(text: string): string;

interface Uint8Array {
  toBase64(options?: { alphabet?: 'base64' | 'base64url'; omitPadding?: boolean }): string;
  toHex(): string;
  setFromBase64(text: string, options?: { alphabet?: 'base64' | 'base64url'; lastChunkHandling?: 'loose' | 'strict' }): { read: number; written: number };
  setFromHex(text: string): { read: number; written: number };
}

interface Uint8ArrayConstructor {
  fromBase64(text: string, options?: { alphabet?: 'base64' | 'base64url'; lastChunkHandling?: 'loose' | 'strict' }): Uint8Array<ArrayBuffer>;
  fromHex(text: string): Uint8Array<ArrayBuffer>;
}

/** A deep copy, also of maps, sets, dates, buffers and circular objects. */
declare function structuredClone<T>(value: T, options?: { transfer?: ArrayBuffer[] }): T;

/** Calls the function once, later. A run that returns before does not wait for it. */
declare function setTimeout(callback: (...values: any[]) => void, milliseconds?: number, ...values: any[]): number;
declare function clearTimeout(timer: number | undefined): void;
/** Calls the function again and again. */
declare function setInterval(callback: (...values: any[]) => void, milliseconds?: number, ...values: any[]): number;
declare function clearInterval(timer: number | undefined): void;
/** Calls the function after the code that runs now. */
declare function queueMicrotask(callback: () => void): void;

/** Milliseconds since the run started. */
declare const performance: { now(): number; readonly timeOrigin: number };

interface DOMException extends Error {
  readonly code: number;
}

/** The errors of the web standards. */
declare const DOMException: { new (message?: string, name?: string): DOMException };

interface Event {
  readonly type: string;
  readonly target: any;
  readonly defaultPrevented: boolean;
  preventDefault(): void;
  stopImmediatePropagation(): void;
}

declare const Event: { new (type: string, options?: { cancelable?: boolean }): Event };

interface EventTarget {
  addEventListener(type: string, callback: (event: Event) => void, options?: { once?: boolean; signal?: AbortSignal }): void;
  removeEventListener(type: string, callback: (event: Event) => void): void;
  dispatchEvent(event: Event): boolean;
}

declare const EventTarget: { new (): EventTarget };

interface AbortSignal extends EventTarget {
  readonly aborted: boolean;
  readonly reason: any;
  onabort: ((event: Event) => void) | null;
  throwIfAborted(): void;
}

/** Says that something is to stop. */
declare const AbortSignal: {
  abort(reason?: unknown): AbortSignal;
  timeout(milliseconds: number): AbortSignal;
  any(signals: Iterable<AbortSignal>): AbortSignal;
};

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare const AbortController: { new (): AbortController };

interface CryptoKey {
  readonly type: string;
  readonly extractable: boolean;
  readonly algorithm: any;
  readonly usages: string[];
}

interface SubtleCrypto {
  /** SHA-1, SHA-256, SHA-384 or SHA-512. */
  digest(algorithm: string | { name: string }, data: Bytes): Promise<ArrayBuffer>;
  importKey(format: 'raw', key: Bytes, algorithm: { name: 'HMAC'; hash: string | { name: string } }, extractable: boolean, usages: ('sign' | 'verify')[]): Promise<CryptoKey>;
  exportKey(format: 'raw', key: CryptoKey): Promise<ArrayBuffer>;
  sign(algorithm: 'HMAC' | { name: 'HMAC' }, key: CryptoKey, data: Bytes): Promise<ArrayBuffer>;
  verify(algorithm: 'HMAC' | { name: 'HMAC' }, key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean>;
}

/** Random numbers, digests and HMAC. */
declare const crypto: {
  randomUUID(): string;
  getRandomValues<T extends ArrayBufferView>(array: T): T;
  readonly subtle: SubtleCrypto;
};

/** Dates and times with zones and calendars. */
declare const Temporal: any;

// ---- Formats of data ----

/** Decimal numbers of up to 100 digits; as JSON a string. */
declare const Decimal: any;

/** An element as an object: '@name' for attributes, '#text' for text, and for each name of elements in it a list of them. */
type XmlElement = any;

interface XmlOptions {
  /** 'nodes' keeps the order of all that is in an element: { name, attributes, children }. */
  as?: 'object' | 'nodes';
  /** false leaves prefixes and declarations of namespaces out. */
  prefixes?: boolean;
}

/** XML, read without DTDs and entities of its own. */
declare const xml: {
  /** An object with the root element. */
  parse(text: string, options?: XmlOptions): any;
  /** The elements of a name one by one, wherever they are: for large texts. */
  elements(text: string, name: string, options?: XmlOptions): IterableIterator<XmlElement>;
  stringify(root: any, options?: { declaration?: boolean; indent?: number }): string;
};

interface CsvParseOptions {
  /** true: the first row has the names of the columns, and each row is an object. A list: these are the names. */
  header?: boolean | string[];
  /** Found out unless it is given. */
  delimiter?: string;
  quote?: string;
  comment?: string;
  skipEmptyLines?: boolean;
  trim?: boolean;
  limit?: number;
}

interface CsvStringifyOptions {
  header?: boolean;
  columns?: string[];
  delimiter?: string;
  quote?: string;
  newline?: '\r\n' | '\n';
  alwaysQuote?: boolean;
  /** Puts a ' before what a spreadsheet would take for a formula. */
  guardFormulas?: boolean;
}

/** Comma-separated values. Each field is a string. */
declare const csv: {
  parse(text: string, options?: CsvParseOptions): any[];
  stringify(rows: any[], options?: CsvStringifyOptions): string;
};

interface Hl7Message {
  /** A field is a list of repetitions, a repetition a list of components, a component a list of subcomponents. */
  segments: { name: string; fields: string[][][][] }[];
}

/** Messages of HL7 version 2. */
declare const hl7: {
  parse(text: string): Hl7Message;
  stringify(message: Hl7Message): string;
  /** The value at a path such as 'PID-5.1' or 'OBX[2]-5'; '' where there is none. */
  get(message: Hl7Message, path: string): string;
  /** Changes the value at a path and returns the message. */
  set(message: Hl7Message, path: string, value: string): Hl7Message;
  /** The segments of a name, each as a message for hl7.get. */
  all(message: Hl7Message, name: string): Hl7Message[];
};
