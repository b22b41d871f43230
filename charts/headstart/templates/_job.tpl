{{/* A pod that works alone and ends, as the template of a Job: `chart` is the root, `name` the component, `command` what it runs,
     `group` has resources, nodeSelector and tolerations, and `spec` says whether it sees the spec of the retraining. */}}
{{- define "headstart.jobPod" -}}
metadata:
  labels:
    {{- include "headstart.selector" .chart | nindent 4 }}
    app.kubernetes.io/component: {{ .name }}
spec:
  {{- include "headstart.pod" .chart | nindent 2 }}
  restartPolicy: Never
  # A run that is stopped takes down its Ray cluster.
  terminationGracePeriodSeconds: 120
  containers:
    - name: {{ .name }}
      {{- include "headstart.container" .chart | nindent 6 }}
      command: {{ .command }}
      resources: {{- toYaml .group.resources | nindent 8 }}
      volumeMounts:
        {{- include "headstart.mounts" .chart | nindent 8 }}
        {{- if .chart.Values.persistence.enabled }}
        - {name: data, mountPath: /data}
        {{- end }}
        {{- if .spec }}
        - {name: spec, mountPath: /etc/headstart, readOnly: true}
        {{- end }}
  volumes:
    {{- include "headstart.volumes" .chart | nindent 4 }}
    {{- if .chart.Values.persistence.enabled }}
    - name: data
      persistentVolumeClaim: {claimName: {{ include "headstart.claim" .chart }}}
    {{- end }}
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
