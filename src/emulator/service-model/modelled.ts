/**
 * A request of the SDK's type that the service model has checked. Required members of the model are present, and optional
 * ones are absent rather than undefined. Timestamps are Date and blobs are Uint8Array, like in the SDK.
 */
export type Validated<T> = T extends string | number | boolean | Date | Uint8Array | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Validated<Item>[]
    : { [Member in keyof T]: Validated<Exclude<T[Member], undefined>> };

/** A marker with the type of a request. */
export interface Modelled<Input> {
  readonly example?: Validated<Input>;
}

/** Marks the request type of an operation, such as `modelled<CreateEndpointInput>()`. */
export function modelled<Input>(): Modelled<Input> {
  return {};
}
