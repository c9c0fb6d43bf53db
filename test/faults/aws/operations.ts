/** The operations that Penstock may send, according to its source. */
import { readdirSync, readFileSync } from 'node:fs';

const activities = new URL('../../../src/activities/', import.meta.url);

/** Operations that no scenario sends, and the reason. */
export const testedElsewhere: Record<string, string> = {
  GetServiceQuota:
    'a worker sends it from its second rollout on; test/activities/preflight/quotas.test.ts tests quotas with faults',
  Publish:
    'SNS is not emulated; test/activities/notifications/notify.test.ts tests notifications to topics with every response',
};

/** Derived from the command classes that activities import from the AWS SDK. */
export function operationsInSource(): string[] {
  const files = readdirSync(activities, { encoding: 'utf8', recursive: true });
  const found = files.filter(isSource).flatMap((file) => {
    const source = readFileSync(new URL(file, activities), 'utf8');
    const imports = source.matchAll(/import\s*\{([^}]*)\}\s*from '@aws-sdk\/[^']*'/g);
    return [...imports].flatMap(([, names = '']) =>
      [...names.matchAll(/\b(\w+)Command\b/g)].map(([, name = '']) => name),
    );
  });
  return [...new Set(found)].sort();
}

function isSource(file: string): boolean {
  return file.endsWith('.ts');
}
