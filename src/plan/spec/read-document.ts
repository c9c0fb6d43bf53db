/** A text, YAML or JSON, as JSON, and where in the text each part of it is. */
import { isNode, Lexer, LineCounter, parseDocument, type Document } from 'yaml';
import { locateIn } from '../document-positions.js';
import { DocumentValues } from './document-values.js';
import { SpecError, type Problem } from '../spec-error.js';
import type { Locate } from './problems.js';
import { shorten } from './shorten.js';

const largestBytes = 1_000_000;
/** Words, signs and spaces. A spec of a thousand lines has some 20,000. */
const mostTokens = 200_000;

/** `file` is for messages only. Throws SpecError for what is no well-formed text, or not one that JSON can carry. */
export function readDocument(text: string, file: string): { json: unknown; locate: Locate } {
  refuseLarge(text, file);
  const lines = new LineCounter();
  const doc = withoutStacks(() =>
    parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      resolveKnownTags: false,
      // That is looked for while reading: the library compares each key with each.
      uniqueKeys: false,
    }),
  );
  const at = (offset: number): Problem => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, path: '', found: null, allowed: '', message: '' };
  };
  const broken = syntaxProblems(doc, at);
  if (broken.length > 0) throw new SpecError(broken);
  const values = new DocumentValues();
  const json = values.read(doc.contents);
  if (values.refused.length > 0)
    throw new SpecError(
      values.refused.map(({ node, message, ...problem }) => ({
        ...at((isNode(node) && node.range?.[0]) || 0),
        ...problem,
        message: `${message}.`,
      })),
    );
  return { json, locate: locateIn(doc.contents, lines, values.targets) };
}

function refuseLarge(text: string, file: string): void {
  const bytes = Buffer.byteLength(text);
  const refuse = (found: string, allowed: string) => {
    const message = 'The file is too large for a spec.';
    throw new SpecError([{ file, line: null, column: null, path: '', found, allowed, message }]);
  };
  if (bytes > largestBytes) refuse(`${bytes} bytes`, 'at most 1,000,000 bytes');
  const tokens = new Lexer().lex(text);
  for (let n = 0; n <= mostTokens; n += 1) if (tokens.next().done) return;
  const limit = '200,000 words and signs';
  refuse(`more than ${limit}`, `at most ${limit}; golden records may stand in a file of their own`);
}

/** The library makes an error of everything that it finds; taking down where costs more than all the rest. */
function withoutStacks<T>(run: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return run();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function syntaxProblems(doc: Document, at: (offset: number) => Problem): Problem[] {
  const found = [...doc.errors, ...doc.warnings];
  const deepest = found.find(({ code }) => code === 'RESOURCE_EXHAUSTION');
  if (deepest) {
    const message = 'The text is nested too deeply to be read.';
    return [{ ...at(deepest.pos[0]), found: deepest.code, allowed: 'at most 100 levels', message }];
  }
  const { version } = doc.directives?.yaml ?? { version: '1.2' };
  if (found.length === 0 && version !== '1.2') {
    const message = 'Another version of YAML reads other values in the same text.';
    return [{ ...at(0), found: `%YAML ${version}`, allowed: 'YAML 1.2, or JSON', message }];
  }
  const allowed = 'well-formed YAML or JSON';
  return found.map(({ code, message, pos }) => ({
    ...at(pos[0]),
    found: code,
    allowed,
    message: shorten(`${message}.`, 400),
  }));
}
