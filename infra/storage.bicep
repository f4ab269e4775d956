// Two accounts, so that a flood of uploads does not share a request limit with the orchestrations,
// and the app's rights over its own state do not reach the images. Neither has keys that work.
param location string
param token string

var imagesContainer = 'image-input'
var deadLetters = 'dead-letters'
var keyless = {
  allowSharedKeyAccess: false
  allowBlobPublicAccess: false
  allowCrossTenantReplication: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  // Flex Consumption has no fixed outgoing address; what keeps others out is Entra ID.
  publicNetworkAccess: 'Enabled'
}

resource host 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'sthost${token}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: keyless

  resource blobs 'blobServices' = {
    name: 'default'

    resource packages 'containers' = {
      name: 'packages'
    }
  }
}

resource images 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'stimages${token}'
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: keyless

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      deleteRetentionPolicy: { enabled: true, days: 7 }
      containerDeleteRetentionPolicy: { enabled: true, days: 7 }
    }

    resource input 'containers' = {
      name: imagesContainer
    }

    resource undelivered 'containers' = {
      name: deadLetters
    }
  }

  resource queues 'queueServices' = {
    name: 'default'

    resource events 'queues' = {
      name: 'image-events'
    }

    // The host would create it with the first poison message; before that, nobody could look into it.
    resource poison 'queues' = {
      name: 'image-events-poison'
    }
  }

  resource lifecycle 'managementPolicies' = {
    name: 'default'
    properties: {
      policy: {
        rules: [
          {
            name: 'delete-old-dead-letters'
            type: 'Lifecycle'
            definition: {
              actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 30 } } }
              filters: { blobTypes: ['blockBlob'], prefixMatch: ['${deadLetters}/'] }
            }
          }
        ]
      }
    }
  }
}

output hostAccountName string = host.name
output hostAccountId string = host.id
output packageContainer string = host::blobs::packages.name
output imagesAccountName string = images.name
output imagesBlobUrl string = images.properties.primaryEndpoints.blob
output imagesQueueUrl string = images.properties.primaryEndpoints.queue
