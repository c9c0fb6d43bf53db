/** The shape of the source: folders of a size that can be taken in, and one name for one thing. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const maxFilesInAFolder = 20;

function sourceFiles(): string[] {
  return readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.join('src', file));
}

function groupBy<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

interface Declaration {
  name: string;
  file: string;
}

/** Types of every file, and the functions and classes that it exports. */
function declarationsIn(file: string): Declaration[] {
  const source = ts.createSourceFile(
    file,
    readFileSync(path.join(root, file), 'utf8'),
    ts.ScriptTarget.ES2022,
  );
  return source.statements.flatMap((statement) => {
    const isType = ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
    const isValue = ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement);
    if (!isType && !isValue) return [];
    const isExported = statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false;
    if (ts.isFunctionDeclaration(statement) && !isExported) return [];
    return statement.name === undefined ? [] : [{ name: statement.name.text, file }];
  });
}

/** The rows of the table under a heading of a page, as cells. */
function tableUnder(page: string, heading: string): string[][] {
  const text = readFileSync(path.join(root, page), 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

function quotedIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, quoted = '']) => quoted);
}

describe('rooms', () => {
  it(`folder of src: files directly in it -> at most ${maxFilesInAFolder}`, () => {
    const crowded = [...groupBy(sourceFiles(), (file) => path.dirname(file))]
      .filter(([, files]) => files.length > maxFilesInAFolder)
      .map(([folder, files]) => `${folder}: ${files.length}`);
    assert.deepEqual(crowded, []);
  });

  it('type, class or exported function: its name -> declared once in src', () => {
    const declared = groupBy(sourceFiles().flatMap(declarationsIn), ({ name }) => name);
    const repeated = [...declared]
      // Overloads of one function stand together.
      .map(([name, all]) => [name, [...new Set(all.map(({ file }) => file))]] as const)
      .filter(([, files]) => files.length > 1)
      .map(([name, files]) => `${name}: ${files.join(', ')}`);
    assert.ok(declared.size > 1000, `${declared.size} names`);
    assert.deepEqual(repeated, []);
  });

  it('life of a rollout in docs/architecture.md: phases -> those of `status`, in the same order', async () => {
    const { phases } = await import('../../src/plan/outcome.js');
    const rows = tableUnder('docs/architecture.md', 'The life of a rollout');
    assert.deepEqual(
      rows.flatMap(([phase = '']) => quotedIn(phase)),
      [...phases],
    );
  });

  it('life of a rollout in docs/architecture.md: files and folders -> exist, and none is left out', () => {
    const rows = tableUnder('docs/architecture.md', 'The life of a rollout');
    const files = rows.flatMap(([, , , file = '']) => quotedIn(file));
    const steps = readdirSync(path.join(root, 'src/workflows/steps')).map(
      (file) => `src/workflows/steps/${file}`,
    );
    assert.deepEqual(
      steps.filter((file) => !files.includes(file)),
      [],
    );
    assert.deepEqual(
      files.filter((file) => !sourceFiles().includes(file)),
      [],
    );
    const folders = rows.flatMap(([, , , , folder = '']) => quotedIn(folder));
    // The other folders serve all phases: the contract, Temporal, AWS, signed requests, signatures.
    const shared = ['aws', 'commands', 'interface', 'temporal', 'webhooks'];
    const concerns = readdirSync(path.join(root, 'src/activities'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !shared.includes(entry.name))
      .map(({ name }) => name);
    assert.deepEqual([...new Set(folders)].sort(), concerns.sort());
  });
});
