"""Secure by default: what is deployed, its security settings, and the role assignments."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from image_metadata.intake import CONTAINER
from tests.support.bicep import Declaration, Template

ROOT = Path(__file__).resolve().parents[2]
ROLES = {
    "blobDataOwner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "blobDataContributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "blobDataReader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "queueDataContributor": "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
    "queueDataMessageSender": "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a",
    "tableDataContributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "metricsPublisher": "3913510d-42f4-4e42-8a64-420c390055eb",
}
"""Every built-in role that may be assigned; ids from «Azure built-in roles» in Microsoft's documentation."""

GRANTS = {
    ("appRunsHost", "host", "appId", "role"),
    ("appReadsImages", "images::blobs::input", "appId", "blobDataReader"),
    ("appTakesEvents", "images", "appId", "queueDataContributor"),
    ("appLogs", "component", "appId", "metricsPublisher"),
    ("operatorUploads", "images::blobs::input", "operatorId", "blobDataContributor"),
    ("operatorSeesEvents", "images::queues::events", "operatorId", "queueDataContributor"),
    ("operatorSeesPoison", "images::queues::poison", "operatorId", "queueDataContributor"),
    ("topicSends", "images::queues::events", "topic.identity.principalId", "queueDataMessageSender"),
    ("topicKeepsDeadLetters", "images::blobs::deadLetters", "topic.identity.principalId", "blobDataContributor"),
}


def deployed(templates: dict[str, Template]) -> list[Declaration]:
    return [found for template in templates.values() for found in template.resources if not found.existing]


def test_these_resources_are_deployed_and_no_others(templates: dict[str, Template]):
    assert Counter(found.type for found in deployed(templates)) == {
        "Microsoft.Resources/resourceGroups": 1,
        "Microsoft.ManagedIdentity/userAssignedIdentities": 1,
        "Microsoft.Storage/storageAccounts": 2,
        "blobServices": 2,
        "containers": 3,
        "queueServices": 1,
        "queues": 2,
        "managementPolicies": 1,
        "Microsoft.Sql/servers": 1,
        "firewallRules": 1,
        "databases": 1,
        "Microsoft.OperationalInsights/workspaces": 1,
        "Microsoft.Insights/components": 1,
        "Microsoft.Authorization/roleAssignments": 9,
        "Microsoft.Web/serverfarms": 1,
        "Microsoft.Web/sites": 1,
        "config": 1,
        "basicPublishingCredentialsPolicies": 2,
        "Microsoft.EventGrid/systemTopics": 1,
        "Microsoft.EventGrid/systemTopics/eventSubscriptions": 1,
        "Microsoft.Insights/actionGroups": 1,
        "Microsoft.Insights/scheduledQueryRules": 1,
        "Microsoft.Insights/metricAlerts": 1,
        "Microsoft.Consumption/budgets": 1,
    }


def test_no_preview_api_version_is_used(templates: dict[str, Template]):
    versions = [found.version for found in deployed(templates) if found.within is None]
    assert len(versions) == 24
    assert all(len(version) == len("2025-01-01") for version in versions)


def test_the_role_assignments_are_these_and_no_others(templates: dict[str, Template]):
    grants = [found for found in deployed(templates) if found.type.endswith("/roleAssignments")]
    given = {
        (
            grant.symbol,
            str(grant.body["scope"]),
            str(grant.body["properties"]["principalId"]),
            grant.body["properties"]["roleDefinitionId"].rpartition(", ")[2].rstrip(")"),
        )
        for grant in grants
    }
    assert given == GRANTS


def test_every_role_variable_has_the_id_of_its_role(templates: dict[str, Template]):
    named = [
        (name, value) for t in ("roles", "events") for name, value in templates[t].variables.items() if name in ROLES
    ]
    assert len(named) == 8
    assert all(ROLES[name] == value for name, value in named)
    assert set(templates["roles"].variables) | set(templates["events"].variables) == set(ROLES)


def test_no_storage_account_accepts_keys_or_public_access(templates: dict[str, Template]):
    storage = templates["storage"]
    assert [storage.resource(name).body["properties"] for name in ("host", "images")] == ["keyless", "keyless"]
    assert storage.variables["keyless"] == {
        "allowSharedKeyAccess": False,
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "defaultToOAuthAuthentication": True,
        "minimumTlsVersion": "TLS1_2",
        "supportsHttpsTrafficOnly": True,
        "publicNetworkAccess": "Enabled",
    }


def test_deleted_images_can_be_restored_for_a_week(templates: dict[str, Template]):
    services = [found for found in templates["storage"].resources if found.type == "blobServices"]
    kept = [found.body["properties"] for found in services if found.within == "images"]
    week = {"enabled": True, "days": 7}
    assert kept == [{"deleteRetentionPolicy": week, "containerDeleteRetentionPolicy": week}]


def test_the_database_accepts_entra_id_only_and_addresses_of_azure_only(templates: dict[str, Template]):
    server = templates["sql"].resource("server").body["properties"]
    assert server["administrators"]["azureADOnlyAuthentication"] is True
    assert server["administrators"]["administratorType"] == "ActiveDirectory"
    assert server["minimalTlsVersion"] == "1.2"
    rules = [found.body["properties"] for found in templates["sql"].resources if found.type == "firewallRules"]
    assert rules == [{"startIpAddress": "0.0.0.0", "endIpAddress": "0.0.0.0"}]  # noqa: S104  # means «Azure», not «all»
    assert "administratorLoginPassword" not in server


def test_the_site_accepts_neither_passwords_nor_plain_http(templates: dict[str, Template]):
    app = templates["app"]
    site = app.resource("site").body
    assert site["properties"]["httpsOnly"] is True
    assert site["properties"]["siteConfig"] == {
        "minTlsVersion": "1.2",
        "scmMinTlsVersion": "1.2",
        "ftpsState": "Disabled",
        "http20Enabled": True,
    }
    assert site["identity"]["type"] == "UserAssigned"
    policies = [found for found in app.resources if found.type == "basicPublishingCredentialsPolicies"]
    assert {found.body["name"]: found.body["properties"]["allow"] for found in policies} == {"ftp": False, "scm": False}


def test_telemetry_accepts_entra_id_only(templates: dict[str, Template]):
    monitoring = templates["monitoring"]
    assert monitoring.resource("component").body["properties"]["DisableLocalAuth"] is True
    assert monitoring.resource("workspace").body["properties"]["features"] == {"disableLocalAuth": True}


def test_events_of_uploads_and_deletions_go_to_the_queue_and_do_not_expire(templates: dict[str, Template]):
    subscription = templates["events"].resource("subscriptionToUploads").body["properties"]
    trigger = json.loads((ROOT / "QueueTriggerClient" / "function.json").read_text("utf-8"))["bindings"][0]
    container, queue = CONTAINER, trigger["queueName"]
    assert templates["storage"].variables["imagesContainer"] == container
    assert subscription["filter"] == {
        "includedEventTypes": ["Microsoft.Storage.BlobCreated", "Microsoft.Storage.BlobDeleted"],
        "subjectBeginsWith": f"/blobServices/default/containers/{container}/blobs/",
        "advancedFilters": [
            {"key": "data.api", "operatorType": "StringNotIn", "values": ["CreateFile", "SftpCreate"]},
        ],
    }
    delivery = subscription["deliveryWithResourceIdentity"]
    assert delivery["identity"] == {"type": "SystemAssigned"}
    assert delivery["destination"]["properties"]["queueName"] == queue
    assert delivery["destination"]["properties"]["queueMessageTimeToLiveInSeconds"] == -1
    assert subscription["deadLetterWithResourceIdentity"]["identity"] == {"type": "SystemAssigned"}
    queues = {found.body["name"] for found in templates["storage"].resources if found.type == "queues"}
    assert queues == {queue, f"{queue}-poison"}


def test_the_worker_has_a_thread_for_each_concurrent_function(templates: dict[str, Template]):
    settings = templates["app"].resource("settings").body["properties"]
    durable: dict[str, Any] = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]["durableTask"]
    at_once = durable["maxConcurrentActivityFunctions"] + durable["maxConcurrentOrchestratorFunctions"]
    assert int(settings["PYTHON_THREADPOOL_THREAD_COUNT"]) >= at_once


def test_the_database_has_a_worker_for_every_activity_of_the_default_deployment(templates: dict[str, Template]):
    durable = json.loads((ROOT / "host.json").read_text("utf-8"))["extensions"]["durableTask"]
    params = templates["main"].params
    connections = params["maximumInstanceCount"].default * durable["maxConcurrentActivityFunctions"]
    # "Resource limits for single databases using the vCore purchasing model": 75 workers per serverless vCore.
    assert connections <= 75 * params["sqlVCores"].default
