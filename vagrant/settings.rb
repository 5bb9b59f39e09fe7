# settings.yaml with the overrides of the environment, checked: a wrong value is told before a machine is touched.
require 'ipaddr'
require 'yaml'

module Thaw
  class SettingsError < StandardError; end

  PROVIDERS = %w[libvirt virtualbox vmware_desktop parallels].freeze
  RULES = {
    'box' => ->(v) { v.match?(%r{\A[\w.-]+/[\w.-]+\z}) },
    'provider' => ->(v) { PROVIDERS.include?(v) },
    'cpus' => ->(v) { v.match?(/\A[1-9]\d?\z/) },
    'memory' => ->(v) { v.match?(/\A[1-9]\d{2,6}\z/) },
    'driver' => ->(v) { %w[kvm qemu].include?(v) },
    'cpu_model' => ->(v) { v.match?(/\A[\w.-]*\z/) },
    'boot_timeout' => ->(v) { v.match?(/\A[1-9]\d{0,4}\z/) },
    'network' => ->(v) { v.match?(%r{\A\d+(\.\d+){3}/\d+\z}) && IPAddr.new(v) },
    'rhel01' => ->(v) { IPAddr.new(v).ipv4? },
    'rhel02' => ->(v) { IPAddr.new(v).ipv4? },
    'service' => ->(v) { IPAddr.new(v).ipv4? },
    'client' => ->(v) { v.empty? || IPAddr.new(v).ipv4? },
    'nfs_server' => ->(v) { %w[rhel01 host].include?(v) || IPAddr.new(v) },
    'nfs_export' => ->(v) { v.match?(%r{\A(/[\w.-]+)+\z}) },
    'nfs_version' => ->(v) { %w[3 4.0 4.1 4.2].include?(v) },
    'delay_ms' => ->(v) { v.match?(/\A\d{1,5}\z/) },
    'rate_mbit' => ->(v) { v.match?(/\A\d{1,6}\z/) }
  }.freeze

  # Name => text. SettingsError names the setting, where it came from and its value.
  def self.settings(file, environment)
    given = YAML.safe_load(File.read(file)) || {}
    unknown = given.keys - RULES.keys
    raise SettingsError, "#{file}: unknown setting #{unknown.first}" unless unknown.empty?

    values = RULES.keys.to_h do |name|
      variable = "THAW_VAGRANT_#{name.upcase}"
      from = environment.key?(variable) ? variable : file
      value = environment.fetch(variable) { given[name] }.to_s
      raise SettingsError, "#{from}: #{name} cannot be #{value.inspect}" unless valid?(name, value)

      [name, value]
    end
    inside(values, file)
  end

  def self.valid?(name, value)
    RULES.fetch(name).call(value)
  rescue IPAddr::Error
    false
  end

  def self.inside(values, file)
    network = IPAddr.new(values['network'])
    %w[rhel01 rhel02 service client].each do |name|
      next if values[name].empty? || network.include?(IPAddr.new(values[name]))

      raise SettingsError, "#{file}: #{name} #{values[name]} lies outside the network #{values['network']}"
    end
    values
  end

  # Scripts as one: each that Vagrant uploads by itself costs a slow machine seconds. A script's `exit` ends it alone.
  def self.joined(project, scripts)
    parts = scripts.map do |name|
      "echo #{name}\n(\n#{File.read(File.join(project, "vagrant/provision/#{name}.sh"))}\n)"
    end
    "set -e\n#{parts.join("\n")}\n"
  end

  # The machine that runs Vagrant has the first address of the private network.
  def self.nfs_address(values)
    case values['nfs_server']
    when 'rhel01' then values['rhel01']
    when 'host' then IPAddr.new(values['network']).succ.to_s
    else values['nfs_server']
    end
  end
end
