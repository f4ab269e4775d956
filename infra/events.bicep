// Event Grid puts a message for each upload and deletion into a queue, where it waits for the app without expiring.
param location string
param nameSuffix string
param imagesAccountName string

var queueDataMessageSender = 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a'
var blobDataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource images 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: imagesAccountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource deadLetters 'containers' existing = {
      name: 'dead-letters'
    }
  }

  resource queues 'queueServices' existing = {
    name: 'default'

    resource events 'queues' existing = {
      name: 'image-events'
    }
  }
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: 'evgt-${nameSuffix}'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: { source: images.id, topicType: 'Microsoft.Storage.StorageAccounts' }
}

resource topicSends 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images::queues::events
  name: guid(images::queues::events.id, topic.id, queueDataMessageSender)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', queueDataMessageSender)
  }
}

resource topicKeepsDeadLetters 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: images::blobs::deadLetters
  name: guid(images::blobs::deadLetters.id, topic.id, blobDataContributor)
  properties: {
    principalId: topic.identity.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobDataContributor)
  }
}

resource subscriptionToUploads 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: 'images-to-queue'
  dependsOn: [topicSends, topicKeepsDeadLetters]
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    deliveryWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      destination: {
        endpointType: 'StorageQueue'
        properties: {
          resourceId: images.id
          queueName: 'image-events'
          queueMessageTimeToLiveInSeconds: -1
        }
      }
    }
    filter: {
      includedEventTypes: ['Microsoft.Storage.BlobCreated', 'Microsoft.Storage.BlobDeleted']
      // The trailing slash excludes containers whose names begin alike.
      subjectBeginsWith: '/blobServices/default/containers/image-input/blobs/'
      // These two announce a file of 0 bytes before it is written. A list of wanted values would exclude deletions.
      advancedFilters: [{ key: 'data.api', operatorType: 'StringNotIn', values: ['CreateFile', 'SftpCreate'] }]
    }
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: images.id, blobContainerName: 'dead-letters' }
      }
    }
  }
}

output topicName string = topic.name
