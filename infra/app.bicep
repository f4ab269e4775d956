// The function app on Flex Consumption. No setting contains a secret: connections use the identity.
param location string
param nameSuffix string
param identityName string
param hostAccountName string
param packageContainer string
param imagesAccountName string
param componentName string
param sqlServer string
param sqlDatabase string
param pythonVersion string
param partitionCount int
param maximumInstanceCount int
param alwaysReadyInstances int
param reconcileSchedule string
param storeLocation bool
param storeBlobMetadata bool

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource host 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: hostAccountName
}

resource images 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: imagesAccountName
}

resource component 'Microsoft.Insights/components@2020-02-02' existing = {
  name: componentName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: 'plan-${nameSuffix}'
  location: location
  kind: 'functionapp'
  sku: { tier: 'FlexConsumption', name: 'FC1' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${nameSuffix}'
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'app' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
    }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${host.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
      runtime: { name: 'python', version: pythonVersion }
      scaleAndConcurrency: {
        instanceMemoryMB: 2048
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'durable', instanceCount: alwaysReadyInstances }]
      }
    }
  }

  resource settings 'config' = {
    name: 'appsettings'
    properties: {
      AzureWebJobsStorage__accountName: host.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      // Both URLs: with the blob URL alone, the host crashes when it moves a message to the poison queue.
      ImageStorage__blobServiceUri: images.properties.primaryEndpoints.blob
      ImageStorage__queueServiceUri: images.properties.primaryEndpoints.queue
      ImageStorage__credential: 'managedidentity'
      ImageStorage__clientId: identity.properties.clientId
      SqlConnectionString: 'Driver={ODBC Driver 18 for SQL Server};Server=tcp:${sqlServer},1433;Database=${sqlDatabase};Encrypt=yes;Authentication=ActiveDirectoryMsi;UID=${identity.properties.clientId}'
      // A paused database takes up to a minute to resume.
      SqlConnectTimeoutSeconds: '90'
      SqlStatementTimeoutSeconds: '60'
      STORE_LOCATION: storeLocation ? 'true' : 'false'
      STORE_BLOB_METADATA: storeBlobMetadata ? 'true' : 'false'
      ReconcileSchedule: reconcileSchedule
      KeepHistoryDays: '30'
      ReconcileGraceMinutes: '10'
      APPLICATIONINSIGHTS_CONNECTION_STRING: component.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      AZURE_FUNCTIONS_DURABLE_STRICT_TYPING: '1'
      // A thread for each of the three activities and two orchestrators that run at once (host.json).
      PYTHON_THREADPOOL_THREAD_COUNT: '5'
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__partitionCount: string(partitionCount)
    }
  }

  resource noFtpPassword 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noScmPassword 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

output name string = site.name
output url string = 'https://${site.properties.defaultHostName}'
