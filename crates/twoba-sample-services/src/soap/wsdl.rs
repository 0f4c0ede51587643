//! Describes a service to programs: WSDL 1.1 with its schema inside, from the table of functions.

use std::collections::BTreeMap;

use super::names::{NAMESPACE, action, item_name};
use crate::products::{Described, ErrorDocument, Function, Kind, Member, Shape};

/// The description of the service with these functions.
pub(super) fn document(url: &str, service: &[&'static Function]) -> String {
    let name = service.first().map_or("", |function| function.service());
    let schema = schema(service);
    let messages = parts(service, message);
    let operations = parts(service, operation);
    let bound = parts(service, bound_operation);
    format!(
        r#"<?xml version="1.0" encoding="utf-8"?>
<wsdl:definitions name="{name}" targetNamespace="{NAMESPACE}" xmlns:tns="{NAMESPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
  <wsdl:types>
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}" elementFormDefault="qualified">
{schema}    </xs:schema>
  </wsdl:types>
{messages}  <wsdl:message name="Refusal">
    <wsdl:part name="detail" element="tns:ErrorDocument"/>
  </wsdl:message>
  <wsdl:portType name="I{name}">
{operations}  </wsdl:portType>
  <wsdl:binding name="BasicHttpBinding_I{name}" type="tns:I{name}">
    <soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>
{bound}  </wsdl:binding>
  <wsdl:service name="{name}">
    <wsdl:port name="BasicHttpBinding_I{name}" binding="tns:BasicHttpBinding_I{name}">
      <soap:address location="{url}/1/soap/{name}"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
"#
    )
}

fn parts(service: &[&'static Function], part: fn(&Function) -> String) -> String {
    service.iter().map(|function| part(function)).collect()
}

fn message(function: &Function) -> String {
    let name = function.operation();
    format!(
        r#"  <wsdl:message name="{name}In">
    <wsdl:part name="parameters" element="tns:{name}"/>
  </wsdl:message>
  <wsdl:message name="{name}Out">
    <wsdl:part name="parameters" element="tns:{name}Response"/>
  </wsdl:message>
"#
    )
}

fn operation(function: &Function) -> String {
    let name = function.operation();
    format!(
        r#"    <wsdl:operation name="{name}">
      <wsdl:input message="tns:{name}In"/>
      <wsdl:output message="tns:{name}Out"/>
      <wsdl:fault name="Refusal" message="tns:Refusal"/>
    </wsdl:operation>
"#
    )
}

fn bound_operation(function: &Function) -> String {
    let name = function.operation();
    let action = action(function);
    format!(
        r#"    <wsdl:operation name="{name}">
      <soap:operation soapAction="{action}" style="document"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
      <wsdl:fault name="Refusal"><soap:fault name="Refusal" use="literal"/></wsdl:fault>
    </wsdl:operation>
"#
    )
}

/// The elements of the messages, and each type below them once.
fn schema(service: &[&'static Function]) -> String {
    let mut types = BTreeMap::new();
    collect(&mut types, ErrorDocument::KIND);
    let mut schema = String::new();
    for function in service {
        let name = function.operation();
        for member in function.asks.members {
            collect(&mut types, member.kind);
        }
        collect(&mut types, function.gives);
        schema.push_str(&wrapper(name, &sequence(function.asks.members)));
        let result = element(&format!("{name}Result"), function.gives);
        schema.push_str(&wrapper(&format!("{name}Response"), &result));
    }
    schema.push_str("      <xs:element name=\"ErrorDocument\" type=\"tns:ErrorDocument\"/>\n");
    schema.extend(types.into_values());
    schema
}

fn wrapper(name: &str, content: &str) -> String {
    format!(
        r#"      <xs:element name="{name}">
        <xs:complexType>
          <xs:sequence>
{content}          </xs:sequence>
        </xs:complexType>
      </xs:element>
"#
    )
}

/// Writes the types of a kind and of everything in it.
fn collect(types: &mut BTreeMap<String, String>, kind: Kind) {
    match kind {
        Kind::Text | Kind::Whole | Kind::Decimal | Kind::Flag | Kind::Picture => {}
        Kind::Optional(kind) => collect(types, *kind),
        Kind::List(item) => {
            let items = format!(
                "            <xs:element name=\"{}\" type=\"{}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>\n",
                item_name(*item),
                type_name(*item)
            );
            let name = list_name(*item);
            types.insert(name.clone(), complex_type(&name, &items));
            collect(types, *item);
        }
        Kind::Record(Shape { name, members }) => {
            types.insert((*name).to_owned(), complex_type(name, &sequence(members)));
            for member in *members {
                collect(types, member.kind);
            }
        }
    }
}

fn complex_type(name: &str, content: &str) -> String {
    format!(
        r#"      <xs:complexType name="{name}">
        <xs:sequence>
{content}        </xs:sequence>
      </xs:complexType>
"#
    )
}

fn sequence(members: &[Member]) -> String {
    members
        .iter()
        .map(|member| element(member.name, member.kind))
        .collect()
}

fn element(name: &str, kind: Kind) -> String {
    let (kind, required) = kind.required();
    let type_name = type_name(kind);
    let absence = if required {
        ""
    } else {
        " minOccurs=\"0\" nillable=\"true\""
    };
    format!("            <xs:element name=\"{name}\" type=\"{type_name}\"{absence}/>\n")
}

fn type_name(kind: Kind) -> String {
    match kind {
        Kind::Text => "xs:string".into(),
        Kind::Whole => "xs:long".into(),
        Kind::Decimal => "xs:decimal".into(),
        Kind::Flag => "xs:boolean".into(),
        Kind::Picture => "xs:base64Binary".into(),
        Kind::Optional(kind) => type_name(*kind),
        Kind::List(item) => format!("tns:{}", list_name(*item)),
        Kind::Record(shape) => format!("tns:{}", shape.name),
    }
}

/// The name of a list, as WCF forms it.
fn list_name(item: Kind) -> String {
    format!("ArrayOf{}", item_name(item))
}
