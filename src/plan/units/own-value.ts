/**
 * The value of a JSON object that is used as a map. Undefined also for a name that the map does not have but every object
 * inherits: `constructor` is a valid label.
 */
export function ownValue<T>(map: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}
