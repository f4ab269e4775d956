// Role assignments of the app and the operator, each at the smallest scope. Those of the topic are in events.bicep.
param hostAccountName string
param imagesAccountName string
param componentName string
param appId string
param operatorId string
@allowed(['User', 'Group', 'ServicePrincipal'])
param operatorType string

var blobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var blobDataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'
var queueDataContributor = '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
var tableDataContributor = '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource host 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName
}

resource images 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: imagesAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource input 'containers' existing = {
      name: 'image-input'
    }
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource events 'queues' existing = {
      name: 'image-events'
    }

    resource poison 'queues' existing = {
      name: 'image-events-poison'
    }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

// The host's own state and the deployment package; the task hub's queues; its tables.
resource appRunsHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for role in [blobDataOwner, queueDataContributor, tableDataContributor]: {
    scope: host
    name: guid(host.id, appId, role)
    properties: {
      principalId: appId
      principalType: 'ServicePrincipal'
      roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
    }
  }
]

resource appReadsImages 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images::blobs::input
  name: guid(images::blobs::input.id, appId, blobDataReader)
  properties: {
    principalId: appId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataReader)
  }
}

// On the account, because the host creates the poison queue if it does not exist, and tries even if it does.
resource appTakesEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images
  name: guid(images.id, appId, queueDataContributor)
  properties: {
    principalId: appId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
  }
}

resource appLogs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: component
  name: guid(component.id, appId, metricsPublisher)
  properties: {
    principalId: appId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource operatorUploads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images::blobs::input
  name: guid(images::blobs::input.id, operatorId, blobDataContributor)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

resource operatorSeesEvents 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images::queues::events
  name: guid(images::queues::events.id, operatorId, queueDataContributor)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
  }
}

resource operatorSeesPoison 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images::queues::poison
  name: guid(images::queues::poison.id, operatorId, queueDataContributor)
  properties: {
    principalId: operatorId
    principalType: operatorType
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataContributor)
  }
}
