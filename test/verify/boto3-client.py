"""Does what the lines of its standard input say, one JSON request each, with boto3 as it comes; answers one line each."""
import base64
import json
import sys

import boto3

s3 = boto3.client("s3")


def pages(bucket):
    # Pages of five, so that markers of all these keys are needed.
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 5}):
        yield from (item["Key"] for item in page.get("Contents", []))


def presign(bucket, key):
    default = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    version4 = boto3.client("s3", config=boto3.session.Config(signature_version="s3v4"))
    params = {"Bucket": bucket, "Key": key, "ResponseContentType": "image/png"}
    return [default, version4.generate_presigned_url("get_object", Params=params, ExpiresIn=60)]


operations = {
    "createBucket": lambda bucket: s3.create_bucket(Bucket=bucket),
    "deleteBucket": lambda bucket: s3.delete_bucket(Bucket=bucket),
    "put": lambda file, bucket, key: s3.upload_file(file, bucket, key, ExtraArgs={"Metadata": {"kadam": "verify"}}),
    "get": lambda bucket, key, file: s3.download_file(bucket, key, file),
    "getRange": lambda bucket, key, header: base64.b64encode(
        s3.get_object(Bucket=bucket, Key=key, Range=header)["Body"].read()
    ).decode(),
    "head": lambda bucket, key: s3.head_object(Bucket=bucket, Key=key)["ContentLength"],
    "list": lambda bucket: list(pages(bucket)),
    "copy": lambda bucket, source, to: s3.copy({"Bucket": bucket, "Key": source}, bucket, to),
    "delete": lambda bucket, key: s3.delete_object(Bucket=bucket, Key=key),
    "deleteMany": lambda bucket, keys: s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": True}
    ).get("Errors"),
    "presign": presign,
    "presignPut": lambda bucket, key: s3.generate_presigned_url(
        "put_object", Params={"Bucket": bucket, "Key": key, "Metadata": {"kadam": "verify"}}, ExpiresIn=60
    ),
}

for line in sys.stdin:
    name, arguments = json.loads(line)
    try:
        result = operations[name](*arguments)
        plain = result if isinstance(result, (str, int, list)) else None
        answer = {"result": plain}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
