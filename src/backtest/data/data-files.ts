/**
 * Opens the files of a backtest: windows, a workflow's history, or a rollout's timeline. The content decides the kind.
 */
import { readFileSync, statSync } from 'node:fs';
import type { WindowsSource } from './collect-windows.js';
import { readCsvRows } from './csv-rows.js';
import { dataError } from './data-error.js';
import { outcomeFromHistory } from '../outcome/recorded-outcome-in-history.js';
import { outcomeFromTimeline, type RecordedOutcome } from '../outcome/recorded-outcome.js';
import { readJsonRows } from './json-rows.js';

export type DataFile =
  { kind: 'windows'; windows: WindowsSource } | { kind: 'actual'; actual: RecordedOutcome };

/** CSV is read line by line; JSON is read whole. */
const maxJsonBytes = 200_000_000;

/** Throws DataError if the file is not data or an outcome, and a file-system error if it cannot be read. */
export function openDataFile(file: string): DataFile {
  if (isJson(file)) return openJson(file);
  const names = new Set<string>();
  return { kind: 'windows', windows: { file, rows: readCsvRows(file, names), names, periodSeconds: null } };
}

function isJson(file: string): boolean {
  return file.toLowerCase().endsWith('.json');
}

function openJson(file: string): DataFile {
  const position = { file, line: null, path: '' };
  const { size } = statSync(file);
  if (size > maxJsonBytes) {
    const message = 'The JSON file is too large; convert it to CSV, which has no size limit.';
    throw dataError(position, `${size} bytes`, `at most ${maxJsonBytes} bytes`, message);
  }
  const text = readFileSync(file, 'utf8');
  const document = parse(text, file);
  if (Array.isArray(document)) {
    if (isTimeline(document)) return { kind: 'actual', actual: outcomeFromTimeline(document, file) };
    return openWindows(document, '', document, text, file);
  }
  const whole = (typeof document === 'object' && document !== null ? document : {}) as Record<
    string,
    unknown
  >;
  const { windows, timeline, events } = whole;
  if (Array.isArray(windows)) return openWindows(whole, 'windows', windows, text, file);
  if (Array.isArray(timeline)) return { kind: 'actual', actual: outcomeFromTimeline(timeline, file) };
  if (Array.isArray(events)) return { kind: 'actual', actual: outcomeFromHistory(events, file) };
  const found = Object.keys(whole).join(', ') || typeof document;
  const allowed = 'windows, a timeline, or the events of a history';
  throw dataError(position, found, allowed, 'The file has no windows, timeline or history.');
}

function openWindows(
  document: object,
  path: string,
  rows: readonly unknown[],
  text: string,
  file: string,
): DataFile {
  const names = new Set<string>();
  const given = 'periodSeconds' in document ? document.periodSeconds : null;
  if (given !== null && typeof given !== 'number') {
    const position = { file, line: null, path: 'periodSeconds' };
    throw dataError(position, JSON.stringify(given), 'a number of seconds', 'periodSeconds is not a number.');
  }
  const windows = { file, rows: readJsonRows(rows, path, text, names), names, periodSeconds: given };
  return { kind: 'windows', windows };
}

function isTimeline([first]: unknown[]): boolean {
  return typeof first === 'object' && first !== null && 'kind' in first && 'message' in first;
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = Number(/position (\d+)/.exec(message)?.[1] ?? NaN);
    const line = Number.isNaN(offset) ? null : text.slice(0, offset).split('\n').length;
    throw dataError({ file, line, path: '' }, 'broken JSON', 'well-formed JSON', `${message}.`);
  }
}
