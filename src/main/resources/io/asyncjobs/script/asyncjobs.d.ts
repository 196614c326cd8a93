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
