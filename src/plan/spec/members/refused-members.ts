/**
 * Members that a spec may not set, because the rollout sets them or cannot work with them. Each one has the words that say what to
 * use instead. A path such as `Containers.Image` is of every item of the list.
 */
export interface SettingsOf {
  /** AWS's shape whose members the settings are. */
  shape: string;
  refused: Record<string, string>;
  /** Structures that the rollout sends too: the settings need not have their required members. */
  completed: string[];
}

const named = 'nothing: the rollout names it';

/** Source of the members: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html */
export const variantSettingsOf: SettingsOf = {
  shape: 'ProductionVariant',
  refused: {
    VariantName: 'serve.variantNames',
    ModelName: 'models.candidate',
    InitialInstanceCount: 'serve.count',
    InitialVariantWeight: 'strategy',
    InstanceType: 'serve.instance',
    InstancePools: 'serve.instance: both variants have one instance type',
    // Inference components only: https://github.com/hashicorp/terraform-provider-aws/pull/45926
    ManagedInstanceScaling: 'nothing: SageMaker accepts it for inference components only',
    AcceleratorPartitionLayouts: 'nothing: SageMaker accepts it for inference components only',
    ServerlessConfig: 'serve.instance: a serverless endpoint has only one variant',
    AcceleratorType: 'nothing: AWS has ended Elastic Inference',
  },
  completed: ['ProductionVariant'],
};

const modelData = 'nothing: the model is that of train or package';

/** Source of the members: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html */
export const modelSettingsOf: SettingsOf = {
  shape: 'CreateModelInput',
  refused: {
    ModelName: named,
    ExecutionRoleArn: 'role, beside package or in train',
    Tags: 'tags',
    'PrimaryContainer.Image': 'servingImage in train, or package',
    'PrimaryContainer.ModelDataUrl': modelData,
    'PrimaryContainer.ModelDataSource': modelData,
    'PrimaryContainer.ModelPackageName': 'package',
  },
  completed: ['CreateModelInput'],
};

/** Source of the members: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html */
export const trainingSettingsOf: SettingsOf = {
  shape: 'CreateTrainingJobRequest',
  refused: {
    TrainingJobName: named,
    RoleArn: 'role in train',
    HyperParameters: 'hyperparameters in train',
    Tags: 'tags',
    'AlgorithmSpecification.TrainingImage': 'image or algorithm in train',
    'AlgorithmSpecification.AlgorithmName': 'image or algorithm in train',
    'OutputDataConfig.S3OutputPath': 'output in train',
    'OutputDataConfig.CompressionType': 'nothing: the rollout makes its model from the compressed archive',
    'ResourceConfig.InstanceType': 'instance.type in train',
    'ResourceConfig.InstanceCount': 'instance.count in train',
    'ResourceConfig.VolumeSizeInGB': 'instance.volume in train',
    'ResourceConfig.InstanceGroups': 'instance in train',
    'ResourceConfig.InstancePreferences': 'instance in train',
    'ResourceConfig.SelectedInstanceType': 'instance in train',
    'ResourceConfig.SelectedInstanceCount': 'instance in train',
    'StoppingCondition.MaxRuntimeInSeconds': 'stopAfter in train',
    ServerlessJobConfig: 'instance in train',
    ModelPackageConfig: 'models.register',
  },
  completed: [
    ...['CreateTrainingJobRequest', 'AlgorithmSpecification', 'OutputDataConfig', 'ResourceConfig'],
    // A channel of `input` has its data there.
    ...['Channel', 'DataSource', 'S3DataSource'],
  ],
};
