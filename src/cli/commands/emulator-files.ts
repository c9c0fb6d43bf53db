/** Faults and scenarios of the emulator, from YAML or JSON files. Errors are like those of a spec. */
import type { z } from 'zod';
import { faultFileSchema } from '../../emulator/control/fault-schema.js';
import { scenarioFileSchema } from '../../emulator/control/scenario-schema.js';
import { parseAs } from '../../plan/spec/parse-spec.js';
import type { CliEmulatorOptions } from '../support/context.js';
import { readTextFile } from '../support/text-file.js';

/** Throws UsageError, SpecError. */
export function readFaultsFile(file: string): Pick<CliEmulatorOptions, 'faults'> {
  return { faults: readAs(faultFileSchema, file).faults };
}

/** Throws UsageError, SpecError. */
export function readScenario(file: string): Pick<CliEmulatorOptions, 'behaviours' | 'traffic' | 'quotas'> {
  const { models, traffic, quotas } = readAs(scenarioFileSchema, file);
  return { behaviours: models, traffic, quotas };
}

function readAs<T>(schema: z.ZodType<T>, file: string): T {
  return parseAs(schema, readTextFile(file), file).value;
}
