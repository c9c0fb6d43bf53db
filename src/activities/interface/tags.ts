/** Tags of an AWS object, key to value. */
export type ResourceTags = Record<string, string>;
