// Serverless Azure SQL with Entra ID only. The operator is administrator; a hook creates the app's user.
param location string
param nameSuffix string
param administratorId string
@allowed(['User', 'Group', 'ServicePrincipal'])
param administratorType string
param vCores int
param autoPauseMinutes int
param useFreeOffer bool

resource server 'Microsoft.Sql/servers@2025-01-01' = {
  name: 'sql-${nameSuffix}'
  location: location
  properties: {
    administrators: {
      administratorType: 'ActiveDirectory'
      azureADOnlyAuthentication: true
      login: administratorId
      sid: administratorId
      tenantId: tenant().tenantId
      principalType: administratorType == 'ServicePrincipal' ? 'Application' : administratorType
    }
    minimalTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
  }

  // Flex Consumption has no fixed outgoing address. This rule admits addresses of Azure, of any tenant, as far as
  // the login, which requires Entra ID and a user in this database.
  resource azure 'firewallRules' = {
    name: 'AllowAllWindowsAzureIps'
    properties: { startIpAddress: '0.0.0.0', endIpAddress: '0.0.0.0' }
  }

  resource database 'databases' = {
    name: 'images'
    location: location
    sku: { name: 'GP_S_Gen5', tier: 'GeneralPurpose', family: 'Gen5', capacity: vCores }
    properties: {
      minCapacity: json(vCores < 8 ? '0.5' : '1')
      autoPauseDelay: autoPauseMinutes
      maxSizeBytes: 34359738368
      requestedBackupStorageRedundancy: 'Local'
      useFreeLimit: useFreeOffer
      freeLimitExhaustionBehavior: useFreeOffer ? 'BillOverUsage' : null
    }
  }
}

output serverName string = server.name
output server string = server.properties.fullyQualifiedDomainName
output database string = server::database.name
