"""moto's server on a free port of 127.0.0.1, for deploy.ts; it ends when its standard input does.

What of a stack moto skips or does not keep is told line by line on standard output, as is what moto_gaps.py fills in:
nothing passes for proven in silence."""

import os
import sys
import threading

from moto.awslambda import models as functions
from moto.awslambda_simple.models import lambda_simple_backends
from moto.cloudformation import parsing
from moto.core.config import default_user_config
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.sqs.models import Queue
from moto.stepfunctions import models as stepfunctions
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from werkzeug.serving import make_server

from moto_gaps import tell


class Properties(dict):
    """A resource's properties, which remember the names that somebody asked for."""

    def __init__(self, given):
        super().__init__(given)
        self.seen = set()

    def __getitem__(self, name):
        self.seen.add(name)
        return super().__getitem__(name)

    def get(self, name, default=None):
        self.seen.add(name)
        return super().get(name, default)

    def __iter__(self):
        self.seen.update(super().keys())
        return super().__iter__()

    def items(self):
        self.seen.update(super().keys())
        return super().items()


parse = parsing.parse_resource_and_generate_name
create = parsing.parse_and_create_resource
resource_class = parsing.resource_class_from_type
parsed = {}


def parse_watched(logical_id, *others):
    """Lets what makes a resource ask for its properties through a memory."""
    found = parse(logical_id, *others)
    if found:
        found[1]['Properties'] = parsed[logical_id] = Properties(found[1].get('Properties', {}))
    return found


def create_watched(logical_id, resource, *others, **named):
    """Tells of the properties that nobody asked for when a resource was made: it is without them."""
    made = create(logical_id, resource, *others, **named)
    if made is not None:
        # moto has given the resource its name by now, and looks at the retention policy with the first update.
        known = {type(made).cloudformation_name_type(), 'ResourceRetentionPolicy'}
        for name in sorted(set(dict.keys(parsed[logical_id])) - parsed[logical_id].seen - known):
            tell(f'not kept: {resource["Type"]} {name}')
    return made


def class_or_tell(resource_type):
    """Tells of a type that moto makes nothing of."""
    found = resource_class(resource_type)
    if found is None:
        tell(f'skipped: {resource_type}')
    return found


delete = parsing.parse_and_delete_resource


def delete_watched(name, resource, *others):
    """Tells of a type that moto leaves behind."""
    found = resource_class(resource['Type'])
    if found is not None and hasattr(found.delete_from_cloudformation_json, '__isabstractmethod__'):
        tell(f'not deleted: {resource["Type"]}')
    delete(name, resource, *others)


parsing.parse_resource_and_generate_name = parse_watched
parsing.parse_and_create_resource = create_watched
parsing.resource_class_from_type = class_or_tell
parsing.parse_and_delete_resource = delete_watched

# Without Docker moto runs neither functions nor jobs; it takes them for successful. State machines it does run. What a
# stack makes has to be in the stores that these ways of working look in.
functions.lambda_backends = lambda_simple_backends
stepfunctions.stepfunctions_backends = stepfunctions_parser_backends
default_user_config['lambda'] = {'use_docker': False}
default_user_config['batch'] = {'use_docker': False}
default_user_config['stepfunctions'] = {'execute_state_machine': True}

server = make_server('127.0.0.1', 0, DomainDispatcherApplication(create_backend_app), threaded=True)
address = f'http://127.0.0.1:{server.server_port}'
# Where the interpreter calls the other services.
os.environ['MOTO_PORT'] = str(server.server_port)
# A queue's URL is where the queue answers.
Queue.physical_resource_id = property(lambda queue: f'{address}/{queue.account_id}/{queue.name}')
print(f'listening: {address}', flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
server.serve_forever()
