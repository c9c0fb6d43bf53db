/**
 * Settings that AWS has and Penstock has no field for, as AWS writes them: member name to JSON. Checked against AWS's service
 * model when the spec is read.
 */
export type AwsMembers = Record<string, unknown>;

/** Members whose values can be secrets: environment variables of containers. */
const secretMember = 'Environment';

/** Shown instead of such a value. */
const hiddenValue = '***';

/** The same settings, with the names but without the values of environment variables. */
export function hideEnvironments(settings: AwsMembers): AwsMembers {
  return hideIn(settings) as AwsMembers;
}

/** Values of all environment variables in the settings. */
export function environmentValues(settings: AwsMembers): string[] {
  return environmentsIn(settings)
    .flatMap(Object.values<unknown>)
    .filter((value) => typeof value === 'string');
}

export function environmentNames(settings: AwsMembers): string[] {
  return environmentsIn(settings).flatMap(Object.keys);
}

/** `path`: of a value in a spec. */
export function isInEnvironment(path: readonly PropertyKey[]): boolean {
  const settings = path.indexOf('settings');
  return settings !== -1 && path.indexOf(secretMember, settings) !== -1;
}

function hideIn(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hideIn);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      member,
      member === secretMember && isObject(inner)
        ? Object.fromEntries(Object.keys(inner).map((name) => [name, hiddenValue]))
        : hideIn(inner),
    ]),
  );
}

function environmentsIn(value: unknown): AwsMembers[] {
  if (Array.isArray(value)) return value.flatMap(environmentsIn);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([member, inner]) =>
    member === secretMember && isObject(inner) ? [inner] : environmentsIn(inner),
  );
}

function isObject(value: unknown): value is AwsMembers {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
