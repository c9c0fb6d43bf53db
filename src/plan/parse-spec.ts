/** A spec as text, YAML or JSON, which is a part of it. */
import type { z } from 'zod';
import { isNode, isScalar, LineCounter, parseDocument, visit, type Document } from 'yaml';
import { locateIn } from './document-positions.js';
import { SpecError, type Problem } from './spec-error.js';
import { specSchema, type Spec } from './spec-schema.js';
import { check } from './spec/problems.js';

const largestBytes = 1_000_000;
/** Enough for every honest use of anchors; a text of a few lines can otherwise unfold to gigabytes. */
const maxAliasCount = 100;

/**
 * `spec` is for use here; `json` is what a rollout is started with. `file` is for messages only. Throws SpecError with
 * every problem, each with its line and column.
 */
export function parseSpec(text: string, file: string): { spec: Spec; json: unknown } {
  const { value, json } = parseAs(specSchema, text, file);
  return { spec: value, json };
}

/** As parseSpec, for any other kind of file. */
export function parseAs<T>(schema: z.ZodType<T>, text: string, file: string): { value: T; json: unknown } {
  const bytes = Buffer.byteLength(text);
  if (bytes > largestBytes)
    throw refusal(file, `${bytes} bytes`, 'at most 1,000,000 bytes', 'The file is too large for a spec.');
  const lines = new LineCounter();
  const doc = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = [...syntaxProblems(doc, lines, file), ...valueProblems(doc, lines, file)];
  if (broken.length > 0) throw new SpecError(broken);
  const json = toJson(doc, file);
  const result = check(schema, json, file, locateIn(doc, lines));
  if ('problems' in result) throw new SpecError(result.problems);
  return { value: result.value, json };
}

function syntaxProblems(doc: Document, lines: LineCounter, file: string): Problem[] {
  return [...doc.errors, ...doc.warnings].map(({ code, message, pos }) => {
    const { line, col } = lines.linePos(pos[0]);
    const allowed = code === 'DUPLICATE_KEY' ? 'each key once' : 'well-formed YAML or JSON';
    return { file, line, column: col, path: '', found: code, allowed, message: `${message}.` };
  });
}

/** YAML has numbers and keys that JSON cannot carry. */
function valueProblems(doc: Document, lines: LineCounter, file: string): Problem[] {
  const problems: Problem[] = [];
  const add = (node: unknown, found: string, allowed: string) => {
    const { line, col } = lines.linePos((isNode(node) && node.range?.[0]) || 0);
    const message = `JSON cannot carry ${found}.`;
    problems.push({ file, line, column: col, path: '', found, allowed, message });
  };
  visit(doc, {
    Scalar(_, node) {
      if (typeof node.value === 'number' && !Number.isFinite(node.value))
        add(node, node.source ?? String(node.value), 'a finite number');
    },
    Pair(_, { key }) {
      if (!isScalar(key)) add(key, 'a key that is no text', 'text as key');
    },
  });
  return problems;
}

function toJson(doc: Document, file: string): unknown {
  try {
    return doc.toJS({ maxAliasCount });
  } catch (error) {
    // The only thing that well-formed YAML can still be refused for.
    if (!(error instanceof ReferenceError)) throw error;
    throw refusal(
      file,
      error.message,
      `aliases that unfold to at most ${maxAliasCount} nodes`,
      'Too many aliases.',
    );
  }
}

function refusal(file: string, found: string, allowed: string, message: string): SpecError {
  return new SpecError([{ file, line: null, column: null, path: '', found, allowed, message }]);
}
