/**
 * A request of the SDK's type that the service model has checked: members the model requires are there, and optional
 * ones are absent rather than undefined. Timestamps are Date, blobs are Uint8Array, as in the SDK.
 */
export type Validated<T> = T extends string | number | boolean | Date | Uint8Array | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Validated<Item>[]
    : { [Member in keyof T]: Validated<Exclude<T[Member], undefined>> };

/** Carries a request's type, and nothing else. */
export interface Modelled<Input> {
  readonly example?: Validated<Input>;
}

/** The request of an operation as the service model has it, such as `modelled<CreateEndpointInput>()`. */
export function modelled<Input>(): Modelled<Input> {
  return {};
}
