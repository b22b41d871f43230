{{/* A hook that makes Kubeflow's recurring runs what a file says. Kubeflow knows its callers by a token for its own use. */}}
{{- define "headstart.schedule" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "headstart.fullname" .chart }}-{{ .name }}
  labels: {{- include "headstart.labels" .chart | nindent 4 }}
  annotations:
    helm.sh/hook: {{ .hook }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 280
  ttlSecondsAfterFinished: 3600
  template:
    {{- $env := printf "- {name: KF_PIPELINES_ENDPOINT, value: %q}\n- {name: KF_PIPELINES_SA_TOKEN_PATH, value: /var/run/secrets/kubeflow/pipelines/token}" .chart.Values.schedules.endpoint }}
    {{- $mounts := "- {name: kubeflow, mountPath: /var/run/secrets/kubeflow/pipelines, readOnly: true}" }}
    {{- $token := "serviceAccountToken: {path: token, audience: pipelines.kubeflow.org, expirationSeconds: 7200}" }}
    {{- $volumes := printf "- {name: kubeflow, projected: {sources: [{%s}]}}" $token }}
    {{- $command := printf "[headstart, schedule, apply, --file, /etc/headstart/%s]" .file }}
    {{- $files := printf "%s-schedules" (include "headstart.fullname" .chart) }}
    {{- $pod := dict "chart" .chart "name" .name "command" $command "group" .chart.Values.schedules "files" $files "env" $env "mounts" $mounts "volumes" $volumes }}
    {{- include "headstart.jobPod" $pod | nindent 4 }}
{{- end -}}
