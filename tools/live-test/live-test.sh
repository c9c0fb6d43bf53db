#!/usr/bin/env bash
# Asks AWS what its documentation leaves open. docs/live-test.md explains each probe, its cost, and what to change for each answer.
#
# Usage: live-test.sh free | endpoint | scaling | cleanup    (in this order)
# Environment: ROLE (execution role), IMAGE and MODEL_DATA (a model that answers any request), and the AWS CLI's own variables.
# Optional: INSTANCE (default ml.m5.large; not ml.t2, which cannot be scaled), ANSWERS (default ./live-test-answers).
#
# All objects have names that begin with penstock-live-test and the tag penstock:live-test. `cleanup` deletes only those.
set -euo pipefail

prefix=penstock-live-test
instance=${INSTANCE:-ml.m5.large}
answers=${ANSWERS:-live-test-answers}
tags=(--tags "Key=penstock:live-test,Value=yes")
mkdir -p "$answers"

# Runs a call and keeps its answer, or its refusal, under the name of the probe. A refusal is an answer too.
probe() {
  local name=$1
  shift
  printf '%-34s' "$name"
  if aws "$@" --output json >"$answers/$name.json" 2>"$answers/$name.error"; then
    rm -f "$answers/$name.error"
    echo 'accepted'
  else
    echo "refused: $(tr -d '\n' <"$answers/$name.error")"
  fi
}

# One production variant as JSON. Further members come last.
variant() {
  local name=$1 model=$2 type=$3 weight=$4 more=${5:-}
  printf '{"VariantName":"%s","ModelName":"%s","InstanceType":"%s","InitialInstanceCount":1,"InitialVariantWeight":%s%s}' \
    "$name" "$model" "$type" "$weight" "$more"
}

# probe_config NAME VARIANTS [OPTION...]: creates a config. Configs cost nothing.
probe_config() {
  local name=$1 variants=$2
  shift 2
  probe "$name" sagemaker create-endpoint-config --endpoint-config-name "$prefix-$name" \
    --production-variants "$variants" "${tags[@]}" "$@"
}

ensure_model() {
  local name=$1
  aws sagemaker describe-model --model-name "$name" >/dev/null 2>&1 ||
    aws sagemaker create-model --model-name "$name" --execution-role-arn "${ROLE:?}" "${tags[@]}" \
      --primary-container "Image=${IMAGE:?},ModelDataUrl=${MODEL_DATA:?},Environment={SAGEMAKER_PROGRAM=inference.py,SAGEMAKER_SUBMIT_DIRECTORY=/opt/ml/model/code}" \
      >/dev/null
}

status_of() {
  aws sagemaker describe-endpoint --endpoint-name "$prefix" --query EndpointStatus --output text
}

# Waits until the endpoint does not change any more, and prints the seconds that it took.
settle() {
  local started=$SECONDS
  while case "$(status_of)" in Creating | Updating | RollingBack | SystemUpdating) true ;; *) false ;; esac do
    sleep "${POLL_SECONDS:-10}"
  done
  echo "$1: $(status_of) after $((SECONDS - started)) s" | tee -a "$answers/durations.txt"
}

free() {
  probe absent-endpoint sagemaker describe-endpoint --endpoint-name "$prefix-absent"
  probe caller sts get-caller-identity
  probe quotas service-quotas list-service-quotas --service-code sagemaker \
    --query "Quotas[?contains(QuotaName, '$instance')]"
  probe training-job-order sagemaker list-training-jobs --max-results 5
  ensure_model "$prefix-a"
  ensure_model "$prefix-b"
  probe_config plain "[$(variant main "$prefix-a" "$instance" 1)]"
  probe plain-described sagemaker describe-endpoint-config --endpoint-config-name "$prefix-plain"
  probe_config key-and-local-storage "[$(variant main "$prefix-a" ml.g5.xlarge 1)]" --kms-key-id alias/aws/sagemaker
  probe_config volume-and-local-storage "[$(variant main "$prefix-a" ml.g5.xlarge 1 ',"VolumeSizeInGB":100')]"
  probe_config managed-scaling "[$(variant main "$prefix-a" "$instance" 1 \
    ',"ManagedInstanceScaling":{"Status":"ENABLED","MinInstanceCount":1,"MaxInstanceCount":2}')]"
  probe_config weight-zero-alone "[$(variant main "$prefix-a" "$instance" 0)]"
  probe_config names-by-case "[$(variant main "$prefix-a" "$instance" 1),$(variant Main "$prefix-b" "$instance" 0)]"
  probe_config two "[$(variant main "$prefix-a" "$instance" 100),$(variant next "$prefix-b" "$instance" 0)]"
  probe_config next "[$(variant next "$prefix-b" "$instance" 100)]"
}

# Needs the configs of `free`.
endpoint() {
  probe create-endpoint sagemaker create-endpoint --endpoint-name "$prefix" \
    --endpoint-config-name "$prefix-plain" "${tags[@]}"
  settle create
  probe invoke-other-case sagemaker-runtime invoke-endpoint --endpoint-name "${prefix^^}" --body e30= "$answers/body"
  probe update-to-two sagemaker update-endpoint --endpoint-name "$prefix" --endpoint-config-name "$prefix-two" \
    --retain-all-variant-properties
  probe pending-variants sagemaker describe-endpoint --endpoint-name "$prefix"
  probe update-while-updating sagemaker update-endpoint --endpoint-name "$prefix" --endpoint-config-name "$prefix-two"
  probe use-while-updating service-quotas list-service-quotas --service-code sagemaker \
    --query "Quotas[?QuotaName=='$instance for endpoint usage']"
  settle update-to-two
  probe two-variants sagemaker describe-endpoint --endpoint-name "$prefix"
  probe invoke-at-zero sagemaker-runtime invoke-endpoint --endpoint-name "$prefix" --target-variant next \
    --content-type application/json --body e30= "$answers/body"
  probe count-zero sagemaker update-endpoint-weights-and-capacities --endpoint-name "$prefix" \
    --desired-weights-and-capacities VariantName=next,DesiredInstanceCount=0
  probe shift sagemaker update-endpoint-weights-and-capacities --endpoint-name "$prefix" \
    --desired-weights-and-capacities VariantName=main,DesiredWeight=0 VariantName=next,DesiredWeight=100
  settle shift
  probe all-weights-zero sagemaker update-endpoint-weights-and-capacities --endpoint-name "$prefix" \
    --desired-weights-and-capacities VariantName=main,DesiredWeight=0 VariantName=next,DesiredWeight=0
  settle all-weights-zero
  probe weights-restored sagemaker update-endpoint-weights-and-capacities --endpoint-name "$prefix" \
    --desired-weights-and-capacities VariantName=main,DesiredWeight=0 VariantName=next,DesiredWeight=100
  settle weights-restored
}

scaling() {
  local target=(--service-namespace sagemaker --resource-id "endpoint/$prefix/variant/main"
    --scalable-dimension sagemaker:variant:DesiredInstanceCount)
  probe register application-autoscaling register-scalable-target "${target[@]}" --min-capacity 1 --max-capacity 2
  probe policy application-autoscaling put-scaling-policy "${target[@]}" --policy-name "$prefix" \
    --policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration \
    '{"TargetValue":1000,"PredefinedMetricSpecification":{"PredefinedMetricType":"SageMakerVariantInvocationsPerInstance"}}'
  probe policy-described application-autoscaling describe-scaling-policies --service-namespace sagemaker \
    --resource-id "endpoint/$prefix/variant/main"
  probe remove-scaled-variant sagemaker update-endpoint --endpoint-name "$prefix" --endpoint-config-name "$prefix-next"
  settle remove-scaled-variant
  probe deregister application-autoscaling deregister-scalable-target "${target[@]}"
  probe update-to-next sagemaker update-endpoint --endpoint-name "$prefix" --endpoint-config-name "$prefix-next" \
    --retain-all-variant-properties --exclude-retained-variant-properties VariantPropertyType=DesiredWeight
  settle update-to-next
  probe next-alone sagemaker describe-endpoint --endpoint-name "$prefix"
  probe delete-config-in-use sagemaker delete-endpoint-config --endpoint-config-name "$prefix-next"
  probe update-without-old-config sagemaker update-endpoint --endpoint-name "$prefix" \
    --endpoint-config-name "$prefix-plain"
  settle update-without-old-config
}

cleanup() {
  aws application-autoscaling deregister-scalable-target --service-namespace sagemaker \
    --resource-id "endpoint/$prefix/variant/main" \
    --scalable-dimension sagemaker:variant:DesiredInstanceCount >/dev/null 2>&1 || true
  if aws sagemaker describe-endpoint --endpoint-name "$prefix" >/dev/null 2>&1; then
    settle before-deletion
    aws sagemaker delete-endpoint --endpoint-name "$prefix"
  fi
  local kind name list delete flag query
  for kind in endpoint-config model; do
    list="list-${kind}s" delete="delete-$kind" flag="--$kind-name"
    [ "$kind" = model ] && query='Models[].ModelName' || query='EndpointConfigs[].EndpointConfigName'
    for name in $(aws sagemaker "$list" --name-contains "$prefix" --query "$query" --output text); do
      [[ $name == "$prefix"-* ]] || continue
      aws sagemaker "$delete" "$flag" "$name" && echo "deleted $kind $name"
    done
  done
  echo 'Left, and they must be none:'
  aws sagemaker list-endpoints --name-contains "$prefix" --query 'Endpoints[].EndpointName' --output text
}

case "${1:-}" in
free | endpoint | scaling | cleanup) "$1" ;;
*)
  sed -n '2,6p' "$0" >&2
  exit 2
  ;;
esac
