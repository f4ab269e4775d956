// The pipeline in one resource group, deployed by `azd up`. docs/operations.md is the runbook.
targetScope = 'subscription'

@minLength(1)
@maxLength(64)
@description('Name of the azd environment; part of the resource group\'s name.')
param environmentName string

@description('Region of every resource.')
param location string

@description('Python version of the app.')
@allowed(['3.11', '3.12', '3.13'])
param pythonVersion string = '3.12'

@description('Control queues of the task hub, which limit the instances that run orchestrators. Fixed once the hub exists.')
@minValue(1)
@maxValue(16)
param partitionCount int = 4

@description('Maximum instances of each function group. Limits the load on the database: instances x 3 <= its workers.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Instances of the orchestration group that are always ready: no cold start, but billed.')
@minValue(0)
param alwaysReadyInstances int = 0

@description('Maximum vCores of the serverless database: 75 workers each.')
@allowed([1, 2, 4, 8])
param sqlVCores int = 2

@description('Minutes without a connection after which the database pauses; -1 for never.')
@minValue(-1)
@maxValue(10080)
param sqlAutoPauseMinutes int = 60

@description('Use the free offer of the subscription; usage above it is billed.')
param sqlUseFreeOffer bool = false

@description('Whether latitude and longitude, which are personal data, are stored.')
param storeLocation bool = false

@description('Whether the metadata that uploaders set on blobs is stored.')
param storeBlobMetadata bool = false

@description('When the app compares container and tables: NCRONTAB with seconds, UTC. It wakes the database, so once a day.')
param reconcileSchedule string = '0 0 3 * * *'

@description('Object id of the operator, preferably a group. Empty: the account that deploys.')
param operatorPrincipalId string = ''

@description('Kind of operatorPrincipalId.')
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorPrincipalType string = 'Group'

@description('Kind of the account that deploys; azd sets it.')
@allowed(['User', 'ServicePrincipal'])
param deployerPrincipalType string = 'User'

@description('Email address for alerts. Empty: the owners of the subscription.')
param alertEmail string = ''

@description('Daily cap of log ingestion, in gigabytes.')
@minValue(1)
param logDailyCapGb int = 1

@description('Monthly budget of the resource group, in the currency of the subscription; exceeding it sends a warning.')
@minValue(1)
param monthlyBudget int = 50

@description('First day of the month in which the budget starts. The hook preprovision sets it: Azure refuses to change it.')
param budgetStart string

var nameSuffix = uniqueString(subscription().id, environmentName, location)
var byDefault = empty(operatorPrincipalId)
var operatorId = byDefault ? deployer().objectId : operatorPrincipalId
var operatorType = byDefault ? deployerPrincipalType : operatorPrincipalType

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: { 'azd-env-name': environmentName }
}

module identity 'identity.bicep' = {
  scope: group
  params: { location: location, nameSuffix: nameSuffix }
}

module storage 'storage.bicep' = {
  scope: group
  params: { location: location, nameSuffix: nameSuffix }
}

module sql 'sql.bicep' = {
  scope: group
  params: {
    location: location
    nameSuffix: nameSuffix
    administratorId: operatorId
    administratorType: operatorType
    vCores: sqlVCores
    autoPauseMinutes: sqlAutoPauseMinutes
    useFreeOffer: sqlUseFreeOffer
  }
}

module monitoring 'monitoring.bicep' = {
  scope: group
  params: { location: location, nameSuffix: nameSuffix, dailyCapGb: logDailyCapGb }
}

module roles 'roles.bicep' = {
  scope: group
  params: {
    hostAccountName: storage.outputs.hostAccountName
    imagesAccountName: storage.outputs.imagesAccountName
    componentName: monitoring.outputs.componentName
    appId: identity.outputs.principalId
    operatorId: operatorId
    operatorType: operatorType
  }
}

module app 'app.bicep' = {
  scope: group
  params: {
    location: location
    nameSuffix: nameSuffix
    identityName: identity.outputs.name
    hostAccountName: storage.outputs.hostAccountName
    packageContainer: storage.outputs.packageContainer
    imagesAccountName: storage.outputs.imagesAccountName
    componentName: monitoring.outputs.componentName
    sqlServer: sql.outputs.server
    sqlDatabase: sql.outputs.database
    pythonVersion: pythonVersion
    partitionCount: partitionCount
    maximumInstanceCount: maximumInstanceCount
    alwaysReadyInstances: alwaysReadyInstances
    reconcileSchedule: reconcileSchedule
    storeLocation: storeLocation
    storeBlobMetadata: storeBlobMetadata
  }
}

module events 'events.bicep' = {
  scope: group
  params: { location: location, nameSuffix: nameSuffix, imagesAccountName: storage.outputs.imagesAccountName }
}

module alerts 'alerts.bicep' = {
  scope: group
  params: {
    location: location
    nameSuffix: nameSuffix
    alertEmail: alertEmail
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
    componentName: monitoring.outputs.componentName
    workspaceName: monitoring.outputs.workspaceName
    topicName: events.outputs.topicName
    sqlServerName: sql.outputs.serverName
    sqlDatabase: sql.outputs.database
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_TENANT_ID string = tenant().tenantId
output FUNCTION_APP_NAME string = app.outputs.name
output FUNCTION_APP_URL string = app.outputs.url
output APP_IDENTITY_NAME string = identity.outputs.name
output APP_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output APP_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output HOST_ACCOUNT_ID string = storage.outputs.hostAccountId
output IMAGES_BLOB_URL string = storage.outputs.imagesBlobUrl
output IMAGES_QUEUE_URL string = storage.outputs.imagesQueueUrl
output SQL_SERVER_NAME string = sql.outputs.serverName
output SQL_SERVER string = sql.outputs.server
output SQL_DATABASE string = sql.outputs.database
output RECONCILE_SCHEDULE string = reconcileSchedule
