// Alerts and the budget. docs/operations.md has a paragraph for each alert.
param location string
param nameSuffix string
param alertEmail string
param monthlyBudget int
param budgetStart string
param componentName string
param workspaceName string
param topicName string
param sqlServerName string
param sqlDatabase string

var ownerRole = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635'
var emails = empty(alertEmail) ? [] : [alertEmail]

// Queries match log lines of the app and the host; tests compare them. Traces are excluded from sampling.
var logAlerts = [
  {
    name: 'upload-not-announced'
    severity: 1
    scope: component.id
    window: 'PT15M'
    operator: 'GreaterThan'
    query: 'traces | where message startswith "Upload not announced:"'
  }
  {
    name: 'message-moved-to-poison-queue'
    severity: 1
    scope: component.id
    window: 'PT15M'
    operator: 'GreaterThan'
    query: 'traces | where message startswith "Message decoding has failed" or message contains "has reached MaxDequeueCount"'
  }
  {
    name: 'orchestration-failed'
    severity: 1
    scope: component.id
    window: 'PT15M'
    operator: 'GreaterThan'
    query: 'traces | where message contains "(Orchestrator)" and message contains "failed with an error"'
  }
  {
    name: 'store-failing-for-an-hour'
    severity: 1
    scope: component.id
    window: 'PT2H'
    operator: 'GreaterThan'
    query: 'requests | where name == "StoreMetadata" and success == false | summarize oldest = min(timestamp), newest = max(timestamp) | where newest - oldest > 1h'
  }
  {
    name: 'many-rejections'
    severity: 3
    scope: component.id
    window: 'PT1H'
    operator: 'GreaterThan'
    query: 'traces | where message contains " of upload " | summarize rejected = countif(message contains ": rejection of upload "), read = countif(message contains ": metadata of upload ") | where rejected >= 20 and rejected > 0.2 * (rejected + read)'
  }
  {
    name: 'uploads-missed'
    severity: 2
    scope: component.id
    window: 'PT1H'
    operator: 'GreaterThan'
    query: 'traces | where message startswith "Uploads missed:"'
  }
  {
    name: 'no-reconciliation'
    severity: 2
    scope: component.id
    window: 'P2D'
    operator: 'LessThan'
    query: 'traces | where message startswith "Reconciliation:"'
  }
  {
    name: 'log-cap-reached'
    severity: 2
    scope: workspace.id
    window: 'PT1H'
    operator: 'GreaterThan'
    query: '_LogOperation | where Category == "Ingestion" and Detail contains "OverQuota"'
  }
]

var metricAlerts = [
  { name: 'events-dead-lettered', severity: 1, scope: topic.id, metric: 'DeadLetteredCount', threshold: 0 }
  { name: 'events-dropped', severity: 1, scope: topic.id, metric: 'DroppedEventCount', threshold: 0 }
  { name: 'sql-connections-failing', severity: 2, scope: server::database.id, metric: 'connection_failed', threshold: 20 }
  { name: 'sql-connections-refused', severity: 2, scope: server::database.id, metric: 'connection_failed_user_error', threshold: 20 }
]

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' existing = {
  name: topicName
}

resource server 'Microsoft.Sql/servers@2025-01-01' existing = {
  name: sqlServerName

  resource database 'databases' existing = {
    name: sqlDatabase
  }
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${nameSuffix}'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'images'
    emailReceivers: [for email in emails: { name: 'email', emailAddress: email, useCommonAlertSchema: true }]
    armRoleReceivers: empty(alertEmail) ? [{ name: 'owners', roleId: ownerRole, useCommonAlertSchema: true }] : []
  }
}

resource onLogs 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in logAlerts: {
    name: alert.name
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: alert.name
      description: 'See docs/operations.md, ${alert.name}.'
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: alert.window == 'PT15M' ? 'PT5M' : 'PT1H'
      windowSize: alert.window
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: alert.operator
            threshold: alert.operator == 'LessThan' ? 1 : 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      autoMitigate: true
      // A table does not exist until its first row.
      skipQueryValidation: true
      actions: { actionGroups: [people.id] }
    }
  }
]

resource onMetrics 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for alert in metricAlerts: {
    name: alert.name
    location: 'global'
    properties: {
      description: 'See docs/operations.md, ${alert.name}.'
      severity: alert.severity
      enabled: true
      scopes: [alert.scope]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: alert.metric
            metricName: alert.metric
            timeAggregation: 'Total'
            operator: 'GreaterThan'
            threshold: alert.threshold
            skipMetricValidation: true
          }
        ]
      }
      autoMitigate: true
      actions: [{ actionGroupId: people.id }]
    }
  }
]

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: 'budget-${nameSuffix}'
  properties: {
    category: 'Cost'
    amount: monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: { startDate: budgetStart }
    notifications: {
      actual: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: []
        contactGroups: [people.id]
      }
      forecast: {
        enabled: true
        operator: 'GreaterThanOrEqualTo'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: []
        contactGroups: [people.id]
      }
    }
  }
}
