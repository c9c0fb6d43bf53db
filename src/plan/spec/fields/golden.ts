/** `validate.golden`: requests with their expected responses, and how a response is compared. */
import { z } from 'zod';
import { addressed, addressOf, signingFields } from './address.js';
import { patternFlags } from '../../compiled/validation-plan.js';
import { request } from './test-request.js';
import { addIssue, exactlyOneOf, ifValid, oneRequiredOf, rate, text } from './scalars.js';

const pattern = text('a regular expression of at most 1,000 characters', /^[^]{1,1000}$/).refine(
  isPattern,
  'a regular expression that is valid in JavaScript with the flag u',
);

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, patternFlags) instanceof RegExp;
  } catch {
    return false;
  }
}

const difference = z.number('a number of 0 or more').min(0, 'a number of 0 or more');

const tolerance = z
  .strictObject({
    relative: rate
      .optional()
      .describe('Largest difference of two numbers, relative to the larger one, such as 0.1%.'),
    absolute: difference
      .optional()
      .describe('Largest difference of two numbers. 0 without relative: the numbers must be equal.'),
  })
  .superRefine((given, ctx) => {
    if (given.relative === undefined && given.absolute === undefined)
      addIssue(ctx, [], 'tolerance is empty', 'relative, absolute or both');
  }, ifValid)
  .transform(({ relative = 0, absolute = 0 }) => ({ relativePercent: relative, absolute }));

const recordFields = z.strictObject({
  ...request,
  expect: z
    .unknown()
    .optional()
    .describe('Expected response: a subset of the JSON response, or its text if it is a text.'),
  matches: pattern
    .optional()
    .describe('Regular expression that must match in the text of the response. Instead of expect.'),
  tolerance: tolerance
    .optional()
    .describe('How far numbers may be from those in expect. Default: that of golden.'),
});

const allowedExpectations = 'expect or matches, unless golden has a judge';

/** `expect` of a judged record is only what the judge gets to know. */
function checkRecord(
  given: z.output<typeof recordFields>,
  { ctx, path = [], isJudged }: { ctx: z.RefinementCtx; path?: (string | number)[]; isJudged: boolean },
): void {
  const { expect, matches, tolerance } = given;
  if (isJudged) {
    if (matches !== undefined)
      addIssue(ctx, [...path, 'matches'], 'the judge decides, so matches has no effect', 'judge or matches');
    if (tolerance !== undefined)
      addIssue(
        ctx,
        [...path, 'tolerance'],
        'the judge decides, so tolerance has no effect',
        'judge or tolerance',
      );
    return;
  }
  if (expect === undefined && matches === undefined)
    addIssue(ctx, [...path, 'expect'], 'the record does not say what is right', allowedExpectations);
  else if (expect !== undefined && matches !== undefined)
    addIssue(ctx, [...path, 'matches'], 'the record has both expect and matches', allowedExpectations);
  else if (matches !== undefined && tolerance !== undefined)
    addIssue(ctx, [...path, 'tolerance'], 'a pattern has no tolerance', 'tolerance only with expect');
}

/** The rule of a record in a golden file, or in a list. */
export const comparedRecord = recordFields.superRefine(
  (given, ctx) => checkRecord(given, { ctx, isJudged: false }),
  ifValid,
);
export const judgedRecord = recordFields.superRefine(
  (given, ctx) => checkRecord(given, { ctx, isJudged: true }),
  ifValid,
);

const maxRecords = 500;
const goldenRecords = z.array(comparedRecord).min(1).max(maxRecords);
const fileName = text('a file name, relative to the folder of the spec', /^[^\0]{1,1024}$/);
const sources = ['file', 'records'] as const;

const settings = z
  .strictObject({
    file: fileName.optional().describe('File with one record a line.'),
    records: z.array(recordFields).min(1).max(maxRecords).optional().describe('The records themselves.'),
    atLeast: rate.prefault('100%').describe('Share of the responses that must match.'),
    tolerance: tolerance
      .optional()
      .describe('How far numbers may be from those in expect. Default: {relative: 0.0001%}.'),
    judge: addressed(signingFields)
      .optional()
      .describe('Your service decides whether a response is right, instead of expect and matches.'),
  })
  .superRefine(...exactlyOneOf(sources))
  .superRefine(({ records = [], judge, tolerance }, ctx) => {
    if (judge !== undefined && tolerance !== undefined)
      addIssue(ctx, ['tolerance'], 'the judge decides, so tolerance has no effect', 'judge or tolerance');
    for (const [index, record] of records.entries())
      checkRecord(record, { ctx, path: ['records', index], isJudged: judge !== undefined });
  }, ifValid)
  .meta(oneRequiredOf(sources));

/** The settings of a golden file or of records that are given alone. */
const alone = { atLeast: 100, tolerance: undefined, judge: undefined };

export const golden = z
  .union([fileName, goldenRecords, settings], 'a file name, a list of records, or {file, atLeast}')
  .transform((value) => {
    const given =
      typeof value === 'string'
        ? { ...alone, file: value, records: undefined }
        : Array.isArray(value)
          ? { ...alone, file: undefined, records: value }
          : value;
    const { file, records, atLeast, tolerance, judge } = given;
    const common = {
      atLeast,
      judge: judge === undefined ? null : { address: addressOf(judge), secretEnv: judge.secretEnv ?? null },
    };
    if (records === undefined) return { kind: 'file' as const, file: file ?? '', ...common };
    const compared = records.map((record) => ({ ...(tolerance && { tolerance }), ...record }));
    return { kind: 'records' as const, records: compared, ...common };
  });

export type GoldenSpec = z.output<typeof golden>;
