export interface VariantId {
  endpoint: string;
  variant: string;
}

/** Names contain no slash. */
export function variantKey({ endpoint, variant }: VariantId): string {
  return `${endpoint}/${variant}`;
}

export function dimensionsOf({ endpoint, variant }: VariantId): Record<string, string> {
  return { EndpointName: endpoint, VariantName: variant };
}
