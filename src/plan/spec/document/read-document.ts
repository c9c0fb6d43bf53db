/** Reads YAML or JSON text as JSON, and locates each part of it in the text. */
import { Composer, isNode, Lexer, LineCounter, Parser, type CST, type Document } from 'yaml';
import { locateIn } from './document-positions.js';
import { DocumentValues } from './document-values.js';
import { SpecError, type Problem } from '../spec-error.js';
import type { Locate } from '../problems.js';
import { maxDepth } from './json-limits.js';
import { truncateText } from '../../units/shorten.js';

const maxDocumentBytes = 1_000_000;
/** Words, signs and spaces. A spec of a thousand lines has about 20,000. */
const maxTokens = 200_000;

/** `file`: for messages only. Throws SpecError if the text is malformed, or if JSON cannot represent it. */
export function readSpecDocument(text: string, file: string): { json: unknown; locate: Locate } {
  rejectLarge(text, file);
  const lines = new LineCounter();
  const at = (offset: number): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, path: '', found: null, allowed: '', message: '' };
  };
  const doc = compose(text, lines, at);
  const values = new DocumentValues();
  const json = values.read(doc.contents);
  if (values.rejected.length > 0)
    throw new SpecError(
      values.rejected.map(({ node, message, ...problem }) => ({
        ...at((isNode(node) && node.range?.[0]) || 0),
        ...problem,
        message: `${message}.`,
      })),
    );
  return { json, locate: locateIn(doc.contents, lines, values.targets) };
}

type At = (offset: number) => Problem;

/** Same as the library's parseDocument, with a depth check before its recursive part. */
function compose(text: string, lines: LineCounter, at: At): Document {
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = deepTokenIn(tokens);
  if (deep) {
    const allowed = `at most ${maxDepth} levels`;
    const message = 'The text is nested too deeply.';
    throw new SpecError([{ ...at(deep.offset), found: `more than ${maxDepth} levels`, allowed, message }]);
  }
  // The library finds duplicate keys in quadratic time. DocumentValues finds them instead.
  const composer = new Composer({ resolveKnownTags: false, uniqueKeys: false });
  return withoutStacks(() => {
    const documents = composer.compose(tokens, true, text.length);
    const doc = documents.next().value as Document;
    const problems = syntaxProblems(doc, at);
    const second = documents.next();
    if (second.done !== true && problems.length === 0) {
      const message = 'The text contains several documents.';
      problems.push({ ...at(second.value.range[0]), found: '---', allowed: 'one document', message });
    }
    if (problems.length > 0) throw new SpecError(problems);
    return doc;
  });
}

/**
 * Twice the limit for values, which is checked later. A deeper text could overflow the stack and crash the process.
 */
function deepTokenIn(tokens: CST.Token[]): CST.Token | null {
  const open = tokens.map((token) => ({ token, depth: 0 }));
  for (let position = open.pop(); position !== undefined; position = open.pop()) {
    const { token, depth } = position;
    if (depth > 2 * maxDepth) return token;
    if (token.type === 'document' && token.value) open.push({ token: token.value, depth });
    if (!('items' in token)) continue;
    for (const { key, value } of token.items)
      for (const part of [key, value]) if (part) open.push({ token: part, depth: depth + 1 });
  }
  return null;
}

function rejectLarge(text: string, file: string): void {
  const bytes = Buffer.byteLength(text);
  const reject = (found: string, allowed: string) => {
    const message = 'The file is too large for a spec.';
    throw new SpecError([{ file, line: null, column: null, path: '', found, allowed, message }]);
  };
  if (bytes > maxDocumentBytes) reject(`${bytes} bytes`, 'at most 1,000,000 bytes');
  const tokens = new Lexer().lex(text);
  for (let n = 0; n <= maxTokens; n += 1) if (tokens.next().done) return;
  const limit = '200,000 words and signs';
  reject(`more than ${limit}`, `at most ${limit}; golden records can be in a separate file`);
}

/** The library creates an Error for every finding. Its stack trace would cost more than all other work. */
function withoutStacks<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function syntaxProblems(doc: Document, at: At): Problem[] {
  const found = [...doc.errors, ...doc.warnings];
  const { version } = doc.directives?.yaml ?? { version: '1.2' };
  if (found.length === 0 && version !== '1.2') {
    const message = 'Other versions of YAML read different values from the same text.';
    return [{ ...at(0), found: `%YAML ${version}`, allowed: 'YAML 1.2, or JSON', message }];
  }
  const allowed = 'well-formed YAML or JSON';
  return found.map(({ code, message, pos }) => ({
    ...at(pos[0]),
    found: code,
    allowed,
    message: truncateText(`${message}.`, 400),
  }));
}
