{{/* What every pod has in common, as PodSecurity's restricted level asks for it. */}}
{{- define "headstart.pod" -}}
automountServiceAccountToken: false
serviceAccountName: {{ default (include "headstart.serviceAccount" .) .account }}
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "headstart.container" -}}
image: {{ include "headstart.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
env:
  - {name: HEADSTART_CACHE, value: /tmp/headstart}
  - {name: HEADSTART_IMAGE, value: {{ include "headstart.image" . | quote }}}
  {{- with include "headstart.registry" . }}
  - {name: HEADSTART_REGISTRY, value: {{ . | quote }}}
  {{- end }}
  {{- with .Values.s3.endpoint }}
  - {name: AWS_ENDPOINT_URL, value: {{ . | quote }}}
  {{- end }}
  {{- with .Values.s3.region }}
  - {name: AWS_DEFAULT_REGION, value: {{ . | quote }}}
  {{- end }}
  {{- with .Values.s3.existingSecret }}
  - name: AWS_ACCESS_KEY_ID
    valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.Values.s3.accessKeyIdKey }}}}
  - name: AWS_SECRET_ACCESS_KEY
    valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.Values.s3.secretAccessKeyKey }}}}
  {{- end }}
  {{- with .Values.hub.existingSecret }}
  - name: HF_TOKEN
    valueFrom: {secretKeyRef: {name: {{ . }}, key: {{ $.Values.hub.tokenKey }}}}
  {{- end }}
  {{- if .Values.hub.offline }}
  - {name: HF_HUB_OFFLINE, value: "1"}
  {{- end }}
{{- end -}}

{{/* The root file system is read-only; Ray keeps its files in /tmp and its objects in /dev/shm. */}}
{{- define "headstart.mounts" -}}
- {name: tmp, mountPath: /tmp}
- {name: home, mountPath: /home/headstart}
- {name: shm, mountPath: /dev/shm}
{{- end -}}

{{- define "headstart.volumes" -}}
- {name: tmp, emptyDir: {}}
- {name: home, emptyDir: {}}
- {name: shm, emptyDir: {medium: Memory}}
{{- end -}}
