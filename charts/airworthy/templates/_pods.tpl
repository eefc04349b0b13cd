{{- define "airworthy.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "airworthy.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "airworthy.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "airworthy.databaseEnv" -}}
- name: AIRWORTHY_DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.database.secretName }}
      key: {{ .Values.database.secretKey }}
{{- end -}}

{{- define "airworthy.scopeEnv" -}}
- name: AIRWORTHY_TENANT
  value: {{ .Values.tenant | quote }}
- name: AIRWORTHY_ENVIRONMENT
  value: {{ .Values.environment | quote }}
{{- end -}}

{{- define "airworthy.airflowEnv" -}}
- name: AIRWORTHY_AIRFLOW_URL
  value: {{ .Values.airflow.url | quote }}
{{- range list "AIRWORTHY_AIRFLOW_USER" "AIRWORTHY_AIRFLOW_PASSWORD" }}
- name: {{ . }}
  valueFrom: {secretKeyRef: {name: {{ $.Values.airflow.secretName }}, key: {{ . }}}}
{{- end }}
{{- end -}}
