import type { Command } from 'commander';
import { lintSpec } from '../../plan/spec/lint-spec.js';
import { SpecError, formatProblems } from '../../plan/spec/spec-error.js';
import type { Context } from '../support/context.js';
import { usageError } from '../support/exit-codes.js';
import { withExamples, withJsonFlag, type JsonFlag } from '../support/options.js';
import { print, printJson } from '../support/output.js';
import { readAnySpecFile } from '../support/spec-file.js';

export function addLint(program: Command, context: Context): void {
  const command = program
    .command('lint')
    .description('check a spec; needs no Temporal and no AWS')
    .argument('<file>', 'spec, YAML or JSON')
    .action((file: string, flags: JsonFlag) => {
      try {
        const warnings = lintSpec(readAnySpecFile(file).spec);
        if (flags.json) printJson(context, { file, valid: true, problems: [], warnings });
        else print(context, [`✔ ${file} is a valid spec`, ...warnings.map((warning) => `⚠ ${warning}`)]);
      } catch (error) {
        if (!(error instanceof SpecError)) throw error;
        const { problems } = error;
        // The problems are the requested data, so they go to stdout.
        if (flags.json) printJson(context, { file, valid: false, problems, warnings: [] });
        else print(context, [formatProblems(problems), '', `✖ ${file}: ${countOf(problems)}`]);
        context.exitCode = usageError;
      }
    });
  withJsonFlag(command);
  withExamples(command, ['penstock lint rollout.yaml', 'penstock lint rollout.yaml --json | jq .problems']);
}

function countOf(problems: readonly unknown[]): string {
  return problems.length === 1 ? '1 problem' : `${problems.length} problems`;
}
