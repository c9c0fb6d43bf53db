/** SageMaker's built-in training images, and the inputs that their jobs require. */

export interface BuiltInAlgorithm {
  /** Owner of the image, by region. */
  accounts: Record<string, string>;
  imageName: string;
  requiredHyperparameters: string[];
  requiredChannels: string[];
  /** Instance types that can train it. */
  trainsOn: RegExp;
  contentTypeOf(channels: string[]): string;
}

/** Source: the SageMaker developer guide, "Image Classification - MXNet" and "Docker registry paths". */
const imageClassification: BuiltInAlgorithm = {
  accounts: {
    'us-east-1': '811284229777',
    'us-east-2': '825641698319',
    'us-west-2': '433757028032',
    'eu-west-1': '685385470294',
  },
  imageName: 'image-classification:1',
  requiredHyperparameters: ['num_classes', 'num_training_samples'],
  requiredChannels: ['train', 'validation'],
  trainsOn: /^ml\.(p\d|g\d)/,
  // Image files are listed in extra channels (`_lst`). RecordIO has no such channels.
  contentTypeOf: (channels) =>
    channels.some((channel) => channel.endsWith('_lst')) ? 'application/x-image' : 'application/x-recordio',
};

export const builtInAlgorithms = { 'image-classification': imageClassification } as const;
export type AlgorithmName = keyof typeof builtInAlgorithms;
export const algorithmNames = Object.keys(builtInAlgorithms) as AlgorithmName[];

/** Throws RangeError if the image account of the region is unknown. */
export function imageUriOf(name: AlgorithmName, region: string): string {
  const algorithm = builtInAlgorithms[name];
  const account = algorithm.accounts[region];
  if (account === undefined) throw new RangeError(`unknown ${name} image account in ${region}`);
  return `${account}.dkr.ecr.${region}.amazonaws.com/${algorithm.imageName}`;
}
