// Off Google Cloud the clients would look for the metadata server, a host that no configuration names.
process.env['METADATA_SERVER_DETECTION'] = 'none'
