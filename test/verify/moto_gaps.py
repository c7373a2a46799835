"""What moto's CloudFormation lacks and a deployment cannot do without, filled in as CloudFormation's reference says it.
Importing this does it; every entry tells its docstring (moto_server.py)."""

import json

from moto.batch.models import ComputeEnvironment, JobDefinition, JobQueue, batch_backends
from moto.cloudformation import parsing
from moto.ec2.models import ec2_backends
from moto.ec2.models.internet_gateways import InternetGateway
from moto.ec2.models.route_tables import Route, RouteTable
from moto.ec2.models.subnets import SubnetRouteTableAssociation
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.models.vpn_gateway import VPCGatewayAttachment
from moto.s3.models import FakeBucket
from moto.stepfunctions.models import StateMachine

told = set()


def tell(line):
    if line not in told:
        told.add(line)
        print(line, flush=True)


def instead_of(owner, name):
    """Puts a function in another's place, which becomes its first argument; its docstring is what is told of it."""

    def put(function):
        before = getattr(owner, name, None)
        if hasattr(before, '__func__'):
            method = before.__func__
            setattr(owner, name, classmethod(lambda *given, **named: function(method, *given, **named)))
        else:
            setattr(owner, name, lambda *given, **named: function(before, *given, **named))
        tell(f'filled in: {function.__doc__}')

    return put


@instead_of(ComputeEnvironment, 'create_from_cloudformation_json')
def default_service_role(create, cls, name, resource, account, *others, **named):
    """a compute environment without ServiceRole gets the service-linked role, as preflight made it"""
    role = f'arn:aws:iam::{account}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForbatch'
    resource['Properties'].setdefault('ServiceRole', role)
    return create(cls, name, resource, account, *others, **named)


@instead_of(JobDefinition, 'update_from_cloudformation_json')
def register_revision(_, cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name):
    """an update of a job definition registers a revision; the old one stays only with SkipDeregisterOnUpdate"""
    made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
    retention = cloudformation_json['Properties'].get('ResourceRetentionPolicy', {})
    if retention.get('SkipDeregisterOnUpdate') is not True:
        original_resource.deregister()
    return made


@instead_of(parsing.ResourceMap, 'build_resource_diff')
def add_dependents(differ, resources, template, parameters=None):
    """what refers to a job definition's revision is updated with it"""
    found = differ(resources, template, parameters)
    types = {name: resource['Type'] for name, resource in template['Resources'].items()}
    changed = [name for name in found['Modify'] if types[name] == 'AWS::Batch::JobDefinition']
    known = set(found['Add'] + found['Modify'])
    for name, resource in template['Resources'].items():
        if name not in known and any(f'${{{definition}}}' in str(resource) for definition in changed):
            found['Modify'].append(name)
    found['Modify'].sort(key=lambda name: name not in changed)
    return found


@instead_of(parsing, 'parse_and_update_resource')
def update_or_keep(update, logical_id, resource, resources, *others, **named):
    """a resource of a type that moto cannot update stays as it was, where moto would forget it"""
    updated = update(logical_id, resource, resources, *others, **named)
    if updated is None:
        tell(f'not updated: {resource["Type"]}')
    return resources[logical_id] if updated is None else updated


@instead_of(JobQueue, 'delete')
def delete_queue(_, queue, account, region):
    """job queues are deleted with their stack"""
    batch_backends[account][region].delete_job_queue(queue.name)


@instead_of(ComputeEnvironment, 'delete')
def delete_environment(_, environment, account, region):
    """compute environments are deleted with their stack"""
    batch_backends[account][region].delete_compute_environment(environment.name)


def disassociate(ec2, association):
    for table in ec2.route_tables.values():
        for name, subnet in list(table._associations.items()):
            if subnet == association.subnet_id:
                ec2.disassociate_route_table(name)


# Routes go with their table. What fails because something else has to go first, moto tries again.
network = {
    Route: lambda ec2, route: None,
    SubnetRouteTableAssociation: disassociate,
    VPCEndPoint: lambda ec2, endpoint: ec2.vpc_end_points.pop(endpoint.id),
    RouteTable: lambda ec2, table: ec2.delete_route_table(table.id),
    VPCGatewayAttachment: lambda ec2, attachment: ec2.detach_internet_gateway(attachment.gateway_id, attachment.vpc_id),
    InternetGateway: lambda ec2, gateway: ec2.delete_internet_gateway(gateway.id),
}


def delete_part(_, part, account, region):
    """the parts of a network are deleted with their stack"""
    network[type(part)](ec2_backends[account][region], part)


for part in network:
    instead_of(part, 'delete')(delete_part)


@instead_of(FakeBucket, 'create_from_cloudformation_json')
def configure_bucket(create, cls, name, resource, *others, **named):
    """buckets get their VersioningConfiguration and the queues of their NotificationConfiguration"""
    bucket = create(cls, name, resource, *others, **named)
    properties = resource.get('Properties', {})
    if 'VersioningConfiguration' in properties:
        bucket.versioning_status = properties['VersioningConfiguration']['Status']
    if 'NotificationConfiguration' in properties:
        queues = properties['NotificationConfiguration'].get('QueueConfigurations', [])
        wanted = [{**queue, 'Event': [queue['Event']]} for queue in queues]
        bucket.set_notification_configuration({'QueueConfiguration': wanted})
    return bucket


@instead_of(StateMachine, 'create_from_cloudformation_json')
def definition_string(create, cls, name, resource, *others, **named):
    """a state machine's Definition with its DefinitionSubstitutions becomes its DefinitionString"""
    substitute(resource['Properties'])
    return create(cls, name, resource, *others, **named)


@instead_of(StateMachine, 'update_from_cloudformation_json')
def updated_definition_string(update, cls, original_resource, new_resource_name, cloudformation_json, *others, **named):
    """the same when it is updated"""
    substitute(cloudformation_json['Properties'])
    return update(cls, original_resource, new_resource_name, cloudformation_json, *others, **named)


def substitute(properties):
    definition = json.dumps(properties['Definition'])
    for name, value in properties['DefinitionSubstitutions'].items():
        definition = definition.replace(f'${{{name}}}', str(value))
    properties['DefinitionString'] = definition

