// The app's identity. Its roles are in roles.bicep, its database grants in sql/least-privilege.sql.
param location string
param nameSuffix string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${nameSuffix}'
  location: location
}

output name string = identity.name
output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
