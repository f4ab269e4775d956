// Two accounts: uploads and orchestrations do not share request limits, and the app's rights to its own
// state do not extend to the images. Shared keys are disabled on both.
param location string
param nameSuffix string

var imagesContainer = 'image-input'
var deadLetters = 'dead-letters'
var keyless = {
  allowSharedKeyAccess: false
  allowBlobPublicAccess: false
  allowCrossTenantReplication: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  // Flex Consumption has no fixed outgoing address, so access is limited by Entra ID alone.
  publicNetworkAccess: 'Enabled'
}

resource host 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'sthost${nameSuffix}'
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
  name: 'stimages${nameSuffix}'
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

    // The host creates it with the first poison message; tools and roles need it before.
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
