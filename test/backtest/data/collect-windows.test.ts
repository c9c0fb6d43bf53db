import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectWindows } from '../../../src/backtest/data/collect-windows.js';
import { DataError } from '../../../src/backtest/data/data-error.js';
import { openDataFile } from '../../../src/backtest/data/data-files.js';
import { describeGaps, type RecordedWindows } from '../../../src/backtest/data/recorded-windows.js';
import { planWith } from '../../plan/specs.js';
import { canary, collect, columnsFor, fine, rowsOf, type Draw } from '../backtests.js';

const plan = planWith(canary);
const header = 'start,role,Invocations,Invocation5XXErrors';

describe('windows files', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'penstock-test-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  function read(name: string, text: string, of = plan): Promise<RecordedWindows> {
    const file = join(folder, name);
    writeFileSync(file, text);
    const opened = openDataFile(file);
    assert.ok(opened.kind === 'windows');
    return collectWindows(opened.windows, columnsFor(of));
  }

  /** Line, path, found and allowed of every problem. */
  async function problemsOf(name: string, text: string, of = plan): Promise<unknown[][]> {
    const error = await read(name, text, of).then(
      () => assert.fail('the file has no problem'),
      (error: unknown) => error,
    );
    assert.ok(error instanceof DataError, String(error));
    return error.problems.map(({ line, path, found, allowed }) => [line, path, found, allowed]);
  }

  const lines = [
    '2026-11-02T10:00:00Z,candidate,1000,4',
    '2026-11-02T10:05:00Z,candidate,1000,',
    '2026-11-02T10:15:00+00:00,"candidate",1000,5',
  ];

  it('windows file: CSV in any order, with gaps and empty cells -> read', async () => {
    const windows = await read('a.csv', ['\uFEFF' + header, ...lines.toReversed(), ''].join('\r\n'));
    assert.deepEqual([...(windows.values.candidate.get('Invocation5XXErrors') ?? [])], [4, NaN, NaN, 5]);
    assert.deepEqual([windows.periodMs, windows.rows], [300_000, 3]);
    assert.deepEqual(describeGaps(windows), [
      'no window of the baseline',
      'no window of the candidate for 5m from 2026-11-02 10:10',
    ]);
  });

  it('windows file: JSON array, or JSON object with windows -> read', async () => {
    const rows = rowsOf(3);
    const bare = await read('a.json', JSON.stringify(rows));
    const named = await read('b.json', JSON.stringify({ periodSeconds: 300, windows: rows }));
    assert.deepEqual(named, bare);
    assert.equal(bare.rows, 6);
  });

  it('windows file: periodSeconds in one row -> period of all rows', async () => {
    const { periodMs } = await read('a.csv', `${header},periodSeconds\n${lines[0]},60\n${lines[1]},`);
    assert.equal(periodMs, 60_000);
  });

  const broken: [string, string[], unknown[]][] = [
    [
      'NaN as a number',
      ['2026-11-02T10:00:00Z,candidate,NaN,4'],
      [2, 'Invocations', 'NaN', 'a number, 0 or more'],
    ],
    [
      'a negative count',
      [lines[0]!, '2026-11-02T10:05:00Z,candidate,10,-1'],
      [3, 'Invocation5XXErrors', '-1', 'a number, 0 or more'],
    ],
    [
      'a hexadecimal number',
      ['2026-11-02T10:00:00Z,candidate,0x10,4'],
      [2, 'Invocations', '0x10', 'a number, 0 or more'],
    ],
    [
      'a time without a zone',
      ['2026-11-02T10:00:00,candidate,1,0'],
      [2, 'start', '2026-11-02T10:00:00', 'a time with a zone, such as 2026-11-02T12:05:00Z'],
    ],
    ['an unknown role', ['2026-11-02T10:00:00Z,canary,1,0'], [2, 'role', 'canary', 'baseline, candidate']],
    [
      'a duplicate window',
      [lines[0]!, lines[1]!, lines[0]!],
      [
        4,
        'start',
        'a second row of the candidate for 2026-11-02T10:00:00Z',
        'one row for each window and model; the first is at line 2',
      ],
    ],
    [
      'a start off the grid',
      [lines[0]!, lines[1]!, '2026-11-02T10:17:00Z,candidate,1,0'],
      [4, 'start', '2026-11-02T10:17:00Z', '2026-11-02T10:15:00Z or 2026-11-02T10:20:00Z'],
    ],
    ['a field too many', [`${lines[0]},7`], [2, '', '5 fields', '4 fields']],
    [
      'a quote that does not end',
      ['"2026-11-02T10:00:00Z,candidate,1,0'],
      [2, '', '"2026-11-02T10:00:00Z,candidate,1,0', 'fields with matching quotes'],
    ],
    ['no rows', [], [null, '', 'no rows', 'a row for each window and model']],
    ['one row and no period', [lines[0]!], [null, 'periodSeconds', null, 'seconds']],
  ];
  for (const [what, rows, problem] of broken) {
    it(`windows file: ${what} -> rejected with its position`, async () => {
      const problems = await problemsOf('a.csv', [header, ...rows].join('\n'));
      // If a window is off the grid, the grid itself can be wrong. Later problems follow from the first.
      assert.deepEqual(problems[0], problem);
    });
  }

  it('windows file: missing column that a rule reads -> rejected, with the existing columns', async () => {
    const problems = await problemsOf('a.csv', `start,role,Invocations\n2026-11-02T10:00:00Z,candidate,1`);
    assert.deepEqual(problems, [
      [null, 'Invocation5XXErrors', 'start, role, Invocations', 'a column Invocation5XXErrors'],
    ]);
  });

  it('windows file: different shares in the rows of a window -> rejected', async () => {
    const shares: Draw = (i, role) => ({ share: role === 'baseline' ? 5 : 10, ...fine(i, role) });
    await assert.rejects(collect(rowsOf(2, shares), plan), /allowed: 5, as in the other model's row/);
  });

  it('windows file: problem in JSON -> line of the row', async () => {
    const rows = rowsOf(3).map((row, i) => (i === 4 ? { ...row, Invocations: '"[{,' } : row));
    const text = JSON.stringify({ note: 'a [ and a {', windows: rows }, null, 2);
    const line = text.split('\n').findIndex((of) => of.includes('"\\"[{,"')) + 1;
    const [problem] = await problemsOf('a.json', text);
    assert.equal(problem?.[1], 'windows[4].Invocations');
    // The element begins three lines before its requests.
    assert.equal(problem[0], line - 3);
  });

  it('windows file: broken JSON, or JSON without windows -> rejected', () => {
    const file = join(folder, 'a.json');
    writeFileSync(file, '{\n"windows": [\n}');
    assert.throws(() => openDataFile(file), DataError);
    writeFileSync(file, '{"rows": []}');
    assert.throws(
      () => openDataFile(file),
      /found: {3}rows\n {2}allowed: windows, a timeline, or the events/,
    );
  });

  it('windows file: 50 problems -> reports the first 20', async () => {
    const bad = Array.from({ length: 50 }, () => 'yesterday,candidate,1,0');
    assert.equal((await problemsOf('a.csv', [header, ...bad].join('\n'))).length, 20);
  });
});
