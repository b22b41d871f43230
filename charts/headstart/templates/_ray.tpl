{{/* A Ray cluster: `chart` is the root, `spec` says whether its pods see the spec of the retraining. */}}
{{- define "headstart.rayCluster" -}}
{{- $workers := .chart.Values.ray.workers -}}
rayVersion: {{ .chart.Values.ray.version | quote }}
authOptions:
  mode: token
  {{- with .chart.Values.ray.existingSecret }}
  secretName: {{ . }}
  {{- end }}
headGroupSpec:
  serviceType: ClusterIP
  rayStartParams:
    {{- if gt (int $workers.replicas) 0 }}
    num-cpus: "0"
    {{- end }}
    dashboard-host: 0.0.0.0
  template: {{- include "headstart.rayPod" (dict "chart" .chart "spec" .spec "name" "head" "group" .chart.Values.ray.head) | nindent 4 }}
{{- if gt (int $workers.replicas) 0 }}
workerGroupSpecs:
  - groupName: workers
    replicas: {{ $workers.replicas }}
    minReplicas: {{ $workers.replicas }}
    maxReplicas: {{ $workers.replicas }}
    rayStartParams: {}
    template: {{- include "headstart.rayPod" (dict "chart" .chart "spec" .spec "name" "worker" "group" $workers) | nindent 6 }}
{{- end }}
{{- end -}}

{{- define "headstart.rayPod" -}}
metadata:
  labels:
    {{- include "headstart.selector" .chart | nindent 4 }}
    app.kubernetes.io/component: ray
spec:
  {{- include "headstart.pod" .chart | nindent 2 }}
  containers:
    - name: ray-{{ .name }}
      {{- include "headstart.container" .chart | nindent 6 }}
      resources: {{- toYaml .group.resources | nindent 8 }}
      # KubeRay's own probes take wget, which the image does not have. This asks the node's agent whether its raylet lives.
      readinessProbe:
        {{- include "headstart.rayHealth" . | nindent 8 }}
        initialDelaySeconds: 10
        failureThreshold: 10
      livenessProbe:
        {{- include "headstart.rayHealth" . | nindent 8 }}
        initialDelaySeconds: 30
        failureThreshold: 120
      ports:
        - {name: metrics, containerPort: 8080}
        {{- if eq .name "head" }}
        - {name: gcs-server, containerPort: 6379}
        - {name: dashboard, containerPort: 8265}
        - {name: client, containerPort: 10001}
        {{- end }}
      volumeMounts:
        {{- include "headstart.mounts" .chart | nindent 8 }}
        {{- if .spec }}
        - {name: spec, mountPath: /etc/headstart, readOnly: true}
        {{- end }}
  volumes:
    {{- include "headstart.volumes" .chart | nindent 4 }}
    {{- if .spec }}
    - name: spec
      configMap: {name: {{ include "headstart.fullname" .chart }}-retrain}
    {{- end }}
  {{- with .group.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .group.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "headstart.rayHealth" -}}
exec:
  command:
    - bash
    - -c
    - exec 3<>/dev/tcp/127.0.0.1/52365 && printf 'GET /api/local_raylet_healthz HTTP/1.0\r\n\r\n' >&3 && grep -q success <&3
periodSeconds: 5
timeoutSeconds: 5
{{- end -}}

{{/* Ray's own metrics, of the pods that `selector` finds. */}}
{{- define "headstart.podMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: PodMonitor
metadata:
  name: {{ include "headstart.fullname" .chart }}-{{ .name }}
  labels:
    {{- include "headstart.labels" .chart | nindent 4 }}
    {{- with .chart.Values.monitoring.labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  selector:
    matchLabels: {{- .selector | nindent 6 }}
  podTargetLabels: [ray.io/cluster, ray.io/node-type]
  podMetricsEndpoints:
    - port: metrics
      interval: {{ .chart.Values.monitoring.interval }}
{{- end -}}
